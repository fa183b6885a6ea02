//! All statements with their plans, and which of them read too much.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use shared_service::database::connect;

use super::{
    FOR_ANY_VALUES, FOR_THESE_VALUES, Plan, Planner,
    bounds::{COUNTS, Excess, count_of, excesses},
    catalogue,
};
use crate::{
    seed::Databases,
    statements::{Purpose, Seen, Statement},
};

/// What PostgreSQL adds to a plan's cost for having made it, for a few tables.
const PLANNING: f64 = 10.0;
/// Values of one statement that are tried, so that it does not take all day: those that took longest on the tour.
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

/// A plan, and one of the times that its statement was executed.
struct Made<'a> {
    of: &'static str,
    plan: Plan,
    seen: &'a Seen,
}

/// Looks at the plans of all these statements in these databases, and at what is in no plan.
pub(crate) fn examine(statements: Vec<Seen>, databases: &Databases) -> anyhow::Result<Report> {
    let mut auth = Planner::open(&databases.auth, &databases.auth_url)?;
    let mut api = Planner::open(&databases.api, &databases.api_url)?;
    let mut report =
        Report { text: String::new(), faults: Vec::new(), statements: 0, most: (0, String::new()) };
    let groups = groups(statements);
    let deleted_from = groups.iter().filter_map(|group| deleted_from(&group.sql)).collect();
    for url in [&databases.auth, &databases.api] {
        let mut connection = connect(url)?;
        report.faults.extend(catalogue::too_small(&mut connection)?);
        report.faults.extend(catalogue::unindexed_keys(&mut connection, &deleted_from)?);
    }
    let counts: BTreeSet<&str> = groups.iter().filter_map(|group| count_of(&group.sql)).collect();
    let unknown = COUNTS.iter().filter(|count| !counts.contains(**count));
    report
        .faults
        .extend(unknown.map(|count| format!("may count as much as it likes, and is not there: {count}")));
    for group in groups {
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

/// The table that a statement deletes from.
fn deleted_from(sql: &str) -> Option<String> {
    let table = sql.starts_with("DELETE ").then(|| sql.split(['"', '`']).nth(1));
    table.flatten().map(ToOwned::to_owned)
}

impl Group {
    /// For all values that it was executed with, or for some of them.
    fn plans(&self, planner: &mut Planner) -> anyhow::Result<Vec<Made<'_>>> {
        // What is done to all rows at once is not done here.
        let execute = self.purpose != Purpose::CommandLine || self.sql.starts_with("SELECT");
        let mut tried: BTreeMap<&Statement, &Seen> = BTreeMap::new();
        for seen in &self.seen {
            let longest = tried.entry(&seen.statement).or_insert(seen);
            if seen.took > longest.took {
                *longest = seen;
            }
        }
        let mut tried: Vec<&Seen> = tried.into_values().collect();
        tried.sort_by_key(|seen| Reverse(seen.took));
        let mut made = Vec::new();
        for seen in tried.into_iter().take(SAMPLES) {
            let plans = planner.plans(&seen.statement, execute)?;
            made.extend(plans.into_iter().map(|(of, plan)| Made { of, plan, seen }));
        }
        Ok(made)
    }
}

impl Made<'_> {
    fn walked(&self) -> u64 {
        self.plan.walked.iter().map(|(_, rows)| *rows).max().unwrap_or_default()
    }
}

/// Those to print: of each kind the one that looks at most, and the one that walks most if that is another.
fn worst<'a>(made: &'a [Made<'a>]) -> Vec<&'a Made<'a>> {
    let mut worst = Vec::new();
    for of in made.iter().map(|each| each.of).collect::<BTreeSet<_>>() {
        let of_this_kind = || made.iter().filter(|each| each.of == of);
        let most = of_this_kind().max_by_key(|each| each.plan.examined);
        let furthest = of_this_kind().max_by_key(|each| each.walked());
        let is_another = |furthest: &&Made<'_>| most.is_some_and(|most| furthest.walked() > most.walked());
        worst.extend(most.into_iter().chain(furthest.filter(is_another)));
    }
    worst
}

impl Report {
    fn add(&mut self, group: &Group, planner: &mut Planner) -> anyhow::Result<()> {
        self.statements += 1;
        self.write_head(group)?;
        let made = group.plans(planner)?;
        // The planner's mean, by which PostgreSQL decides, with what planning itself counts for.
        let dear =
            made.iter().filter(|each| each.of == FOR_THESE_VALUES).map(|each| each.plan.cost + PLANNING);
        let dearest = dear.fold(0.0, f64::max);
        let is_taken = |each: &Made<'_>| each.of != FOR_ANY_VALUES || each.plan.cost < dearest;
        for each in worst(&made) {
            let of = if is_taken(each) { each.of } else { "for any values, never taken: it seems dearer" };
            self.write_plan(of, &each.plan, each.seen)?;
        }
        self.judge(group, made.iter().filter(|each| is_taken(each)));
        Ok(())
    }

    fn write_head(&mut self, group: &Group) -> anyhow::Result<()> {
        let occasions: BTreeSet<&str> = group.seen.iter().map(|seen| seen.occasion.as_str()).collect();
        let functions: BTreeSet<&str> =
            group.seen.iter().filter_map(|seen| seen.functions.first()).map(String::as_str).collect();
        let longest = group.seen.iter().map(|seen| seen.took).max().unwrap_or_default();
        let functions = functions.into_iter().collect::<Vec<_>>().join(", ");
        writeln!(self.text, "=== {:?} · {functions}", group.purpose)?;
        for occasion in &occasions {
            writeln!(self.text, "  on {occasion}")?;
        }
        writeln!(self.text, "  {} times, at the longest {longest:?}\n{}", group.seen.len(), group.sql)?;
        Ok(())
    }

    fn write_plan(&mut self, of: &str, plan: &Plan, seen: &Seen) -> anyhow::Result<()> {
        let Plan { examined, unit, cost, .. } = plan;
        writeln!(self.text, "  plan {of}: {examined} {unit} (the planner's cost: {cost})")?;
        writeln!(self.text, "  on {}", seen.occasion)?;
        let values = format!("{:?}", seen.statement.values);
        writeln!(self.text, "  values {}", values.chars().take(400).collect::<String>())?;
        if let Some(why) = &plan.not_executed {
            writeln!(self.text, "  not executed: {why}")?;
        }
        if plan.pages > 0 {
            writeln!(self.text, "  {} pages in {} lookups", plan.pages, plan.lookups)?;
        }
        for line in plan.text.lines() {
            writeln!(self.text, "    {line}")?;
        }
        Ok(())
    }

    /// All of a statement's plans. Of what is wrong with several, the worst is told.
    fn judge<'a>(&mut self, group: &Group, made: impl Iterator<Item = &'a Made<'a>>) {
        let mut wrong: BTreeMap<String, (u64, String)> = BTreeMap::new();
        let sql: String = group.sql.chars().take(300).collect();
        let may_be_most = group.purpose == Purpose::Request && count_of(&group.sql).is_none();
        for Made { plan, seen, .. } in made {
            let occasion = &seen.occasion;
            if may_be_most && plan.unit == "rows" && plan.examined > self.most.0 {
                self.most = (plan.examined, occasion.clone());
            }
            for Excess { kind, amount, text } in excesses(group.purpose, &group.sql, plan) {
                if wrong.get(&kind).is_none_or(|(known, _)| amount > *known) {
                    wrong.insert(kind, (amount, format!("{occasion}: {text}: {sql}")));
                }
            }
        }
        self.faults.extend(wrong.into_values().map(|(_, fault)| fault));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_statement_is_resource_apis_by_its_tables() {
        assert!(is_of_api("SELECT `accounts`.`sub` FROM `accounts`"));
        assert!(is_of_api("INSERT INTO \"follows\" VALUES ($1)"));
        assert!(!is_of_api("SELECT \"users\".\"id\" FROM \"users\" -- posts"));
    }

    #[test]
    fn a_deletion_names_its_table() {
        assert_eq!(deleted_from("DELETE  FROM `users` WHERE (`users`.`id` = ?)").as_deref(), Some("users"));
        assert_eq!(deleted_from("SELECT \"users\".\"id\" FROM \"users\""), None);
    }

    #[test]
    fn every_plan_is_judged_and_not_only_the_worst() {
        let statement = Statement { sql: "SELECT 2".into(), values: Vec::new() };
        let seen = Seen {
            purpose: Purpose::Request,
            occasion: "GET /".into(),
            statement,
            functions: Vec::new(),
            took: Duration::ZERO,
        };
        let made = |examined, walked| {
            let walked = vec![("users".to_owned(), walked)];
            Made { of: "", plan: Plan { examined, unit: "rows", walked, ..Plan::default() }, seen: &seen }
        };
        let made = [made(50_000, 0), made(7000, 7000), made(60_000, 0), made(0, 10)];
        let mut report =
            Report { text: String::new(), faults: Vec::new(), statements: 0, most: (0, String::new()) };
        let group = Group { purpose: Purpose::Request, sql: "SELECT 2".into(), seen: Vec::new() };
        report.judge(&group, made.iter());
        assert_eq!(
            report.faults,
            ["GET /: 60000 rows, more than 12000: SELECT 2", "GET /: walks 7000 rows of users: SELECT 2"]
        );
        assert_eq!(worst(&made).iter().map(|each| each.plan.examined).collect::<Vec<_>>(), [60_000, 7000]);
    }
}
