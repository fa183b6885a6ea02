//! All statements with their plans, and which of them read too much.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use super::{FOR_ANY_VALUES, FOR_THESE_VALUES, Plan, Planner};
use crate::{
    seed::Databases,
    statements::{Purpose, Seen, Statement},
};

/// No statement that somebody waits for, and none of the background's lots, may look at more rows: five thousand users are
/// what one page of a search looks at, and a status list has as many revoked places at most as there were logouts within
/// a few minutes.
const ROWS: u64 = 12_000;
/// The same in steps of SQLite's virtual machine.
const STEPS: u64 = 25 * ROWS;
/// Nor may it walk more rows of a table than this, from one end on: what one page of a search looks at. (What is smaller is
/// quicker read from end to end than looked up in, and PostgreSQL knows.)
const WALKED: u64 = 6000;
/// Tables that do not grow.
const DO_NOT_GROW: [&str; 3] = ["status_counter", "guards", "__diesel_schema_migrations"];
/// What PostgreSQL adds to a plan's cost for having made it, for a few tables.
const PLANNING: f64 = 10.0;
/// Values of one statement that are tried, so that it does not take all day.
const SAMPLES: usize = 24;

/// What was found.
pub(crate) struct Report {
    /// Everything, for a file.
    pub(crate) text: String,
    /// What is wrong, one line each.
    pub(crate) faults: Vec<String>,
    /// How many different statements there were.
    pub(crate) statements: usize,
    /// The statement that looked at most rows, of those that somebody waits for.
    pub(crate) most: (u64, String),
}

/// One statement, and all the times that it was executed.
struct Group {
    purpose: Purpose,
    sql: String,
    seen: Vec<Seen>,
}

/// Looks at the plans of all these statements in these databases.
pub(crate) fn examine(statements: Vec<Seen>, databases: &Databases) -> anyhow::Result<Report> {
    let mut auth = Planner::open(&databases.auth, &databases.auth_url)?;
    let mut api = Planner::open(&databases.api, &databases.api_url)?;
    let mut report =
        Report { text: String::new(), faults: Vec::new(), statements: 0, most: (0, String::new()) };
    for group in groups(statements) {
        report.add(&group, if is_of_api(&group.sql) { &mut api } else { &mut auth })?;
    }
    Ok(report)
}

fn groups(statements: Vec<Seen>) -> Vec<Group> {
    let mut groups: BTreeMap<(Purpose, String), Vec<Seen>> = BTreeMap::new();
    for seen in statements {
        groups.entry((seen.purpose, seen.statement.sql.clone())).or_default().push(seen);
    }
    groups.into_iter().map(|((purpose, sql), seen)| Group { purpose, sql, seen }).collect()
}

/// No table of the one server has the name of one of the other.
fn is_of_api(sql: &str) -> bool {
    let mut names = sql.split(['"', '`']);
    names.any(|name| matches!(name, "posts" | "follows" | "accounts"))
}

impl Report {
    fn add(&mut self, group: &Group, planner: &mut Planner) -> anyhow::Result<()> {
        self.statements += 1;
        let occasions: BTreeSet<&str> = group.seen.iter().map(|seen| seen.occasion.as_str()).collect();
        let functions: BTreeSet<&str> =
            group.seen.iter().filter_map(|seen| seen.functions.first()).map(String::as_str).collect();
        // What is done to all rows at once is not done here.
        let execute = group.purpose != Purpose::CommandLine || group.sql.starts_with("SELECT");
        let mut tried: BTreeMap<&Statement, &Seen> = BTreeMap::new();
        for seen in &group.seen {
            tried.entry(&seen.statement).or_insert(seen);
        }
        let mut worst: BTreeMap<&str, (Plan, &Seen)> = BTreeMap::new();
        // The planner's mean, by which PostgreSQL decides, with what planning itself counts for.
        let mut dearest = 0_f64;
        for seen in tried.into_values().take(SAMPLES) {
            for (of, plan) in planner.plans(&seen.statement, execute)? {
                if of == FOR_THESE_VALUES {
                    dearest = dearest.max(plan.cost + PLANNING);
                }
                let cost = |plan: &Plan| (plan.walked.iter().map(|(_, rows)| *rows).max(), plan.examined);
                if worst.get(of).is_none_or(|(known, _)| cost(&plan) > cost(known)) {
                    worst.insert(of, (plan, seen));
                }
            }
        }
        let longest = group.seen.iter().map(|seen| seen.took).max().unwrap_or_default();
        writeln!(
            self.text,
            "=== {:?} · {}",
            group.purpose,
            functions.into_iter().collect::<Vec<_>>().join(", ")
        )?;
        for occasion in &occasions {
            writeln!(self.text, "  on {occasion}")?;
        }
        writeln!(self.text, "  {} times, at the longest {longest:?}\n{}", group.seen.len(), group.sql)?;
        for (of, (plan, seen)) in worst {
            let is_taken = of != FOR_ANY_VALUES || plan.cost < dearest;
            self.write(
                if is_taken { of } else { "for any values, never taken: it seems dearer" },
                &plan,
                seen,
            )?;
            if is_taken {
                self.judge(group, &plan, &seen.occasion);
            }
        }
        Ok(())
    }

    fn write(&mut self, of: &str, plan: &Plan, seen: &Seen) -> anyhow::Result<()> {
        let Plan { examined, unit, cost, .. } = plan;
        writeln!(self.text, "  plan {of}: {examined} {unit} (the planner's cost: {cost})")?;
        writeln!(self.text, "  on {}", seen.occasion)?;
        let values = format!("{:?}", seen.statement.values);
        writeln!(self.text, "  values {}", values.chars().take(400).collect::<String>())?;
        if let Some(why) = &plan.not_executed {
            writeln!(self.text, "  not executed: {why}")?;
        }
        for line in plan.text.lines() {
            writeln!(self.text, "    {line}")?;
        }
        Ok(())
    }

    fn judge(&mut self, group: &Group, plan: &Plan, occasion: &str) {
        if group.purpose == Purpose::CommandLine {
            return;
        }
        if group.purpose == Purpose::Request && plan.unit == "rows" && plan.examined > self.most.0 {
            self.most = (plan.examined, occasion.to_owned());
        }
        let bound = if plan.unit == "rows" { ROWS } else { STEPS };
        let sql: String = group.sql.chars().take(300).collect();
        if plan.examined > bound {
            self.faults
                .push(format!("{occasion}: {} {}, more than {bound}: {sql}", plan.examined, plan.unit));
        }
        for (table, rows) in plan.walked.iter().filter(|_| group.purpose == Purpose::Request) {
            if *rows > WALKED && !DO_NOT_GROW.iter().any(|constant| table.contains(constant)) {
                self.faults.push(format!("{occasion}: walks {rows} rows of {table}: {sql}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_resource_apis_by_its_tables() {
        assert!(is_of_api("SELECT `accounts`.`sub` FROM `accounts`"));
        assert!(is_of_api("INSERT INTO \"follows\" VALUES ($1)"));
        assert!(!is_of_api("SELECT \"users\".\"id\" FROM \"users\" -- posts"));
    }
}
