//! Running suites one after the other, and the table at the end.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::in_ci;
use super::suite::{Outcome, Suite};
use crate::console::{Colour, paint, progress};
use crate::servers::Interrupt;

struct Row {
    name: String,
    outcome: Outcome,
    took: Duration,
}

pub(super) fn run(suites: Vec<Suite>) -> Result<()> {
    // Ctrl-C reaches the suite that runs too, and ends it; what is left is not started.
    let interrupt = Interrupt::watch()?;
    let total = suites.len();
    let mut rows = Vec::with_capacity(total);
    for (index, suite) in suites.into_iter().enumerate() {
        interrupt.check()?;
        let name = suite.name.clone();
        progress(&format!("{}/{total} {name}", index + 1));
        let started = Instant::now();
        let outcome = suite.run().strict(in_ci());
        rows.push(Row { name, outcome, took: started.elapsed() });
    }
    println!();
    for row in &rows {
        println!("{}", line(row));
    }
    println!("{}", closing_line(&rows));
    let failed: Vec<_> = rows.iter().filter(|row| matches!(row.outcome, Outcome::Failed { .. })).collect();
    let names: Vec<_> = failed.iter().map(|row| row.name.as_str()).collect();
    ensure!(failed.is_empty(), "failed: {}", names.join(", "));
    Ok(())
}

fn line(row: &Row) -> String {
    let (verdict, count, why) = match &row.outcome {
        Outcome::Passed { count, note } => (paint(Colour::Green, "passed "), *count, note),
        Outcome::Failed { count, why } => (paint(Colour::Red, "failed "), *count, why),
        Outcome::Skipped { why } => (paint(Colour::Yellow, "skipped"), None, why),
    };
    let count = count.map(|count| count.to_string()).unwrap_or_default();
    let why: String = why.lines().next().unwrap_or_default().chars().take(140).collect();
    format!("{:<26} {verdict} {count:>5} {:>7.1} s  {why}", row.name, row.took.as_secs_f32())
        .trim_end()
        .to_owned()
}

/// Counts suites. Plain and alone on its line, for programs to read.
fn closing_line(rows: &[Row]) -> String {
    let count = |wanted: fn(&Outcome) -> bool| rows.iter().filter(|row| wanted(&row.outcome)).count();
    let passed = count(|outcome| matches!(outcome, Outcome::Passed { .. }));
    let failed = count(|outcome| matches!(outcome, Outcome::Failed { .. }));
    match count(|outcome| matches!(outcome, Outcome::Skipped { .. })) {
        0 => format!("{passed} passed, {failed} failed"),
        skipped => format!("{passed} passed, {failed} failed, {skipped} skipped"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(outcome: Outcome) -> Row {
        Row { name: "a".into(), outcome, took: Duration::from_millis(1500) }
    }

    #[test]
    fn the_closing_line_counts_suites_and_names_skips_only_when_there_are_any() {
        let mut rows = vec![row(Outcome::passed("")), row(Outcome::passed("")), row(Outcome::failed("no"))];
        assert_eq!(closing_line(&rows), "2 passed, 1 failed");
        rows.push(row(Outcome::Skipped { why: "npm is missing".into() }));
        assert_eq!(closing_line(&rows), "2 passed, 1 failed, 1 skipped");
    }

    #[test]
    fn a_skip_is_a_failure_in_ci_alone() {
        let skipped = Outcome::Skipped { why: "npm is missing".into() };
        assert_eq!(skipped.clone().strict(false), skipped);
        assert!(matches!(skipped.strict(true), Outcome::Failed { .. }));
        assert_eq!(Outcome::passed("").strict(true), Outcome::passed(""));
    }

    #[test]
    fn a_failure_makes_the_run_an_error() {
        assert!(run(vec![Suite::new("good", || Outcome::passed(""))]).is_ok());
        let suites =
            vec![Suite::new("bad", || Outcome::failed("no")), Suite::new("good", || Outcome::passed(""))];
        assert_eq!(run(suites).unwrap_err().to_string(), "failed: bad");
    }
}
