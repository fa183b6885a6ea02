//! One engine, looked at from end to end.

use std::path::Path;

use anyhow::Context;
use test_servers::Engine;

use crate::{
    cost::{Side, compare},
    place::Place,
    plans::{self, Report},
    seed::{self, Cast, Databases, Size},
    statements::recorder,
    system::{BCRYPT_COST, System},
    tour::{Tour, functions_not_seen, routes_not_seen},
};

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Which engine.
    pub engine: Engine,
    /// How large the large databases are.
    pub size: Size,
    /// Whether requests are measured, too.
    pub cost: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is wrong, one line each.
    pub faults: Vec<String>,
    /// What there is to say.
    pub summary: Vec<String>,
}

/// Fills a small and a large pair of databases, measures requests on both, and looks at all plans in the large one. The
/// plans go to a file in `output`.
pub async fn check(wanted: Wanted, output: &Path) -> anyhow::Result<Findings> {
    recorder::install()?;
    let name = wanted.engine;
    let place = Place::new(wanted.engine, wanted.size.cache())?;
    let (small, large) = (place.databases("small")?, place.databases("large")?);
    println!("{name}: the small databases");
    let beside = seed::fill(&small, Size::SMALL, BCRYPT_COST)?.cast;
    println!("{name}: the large databases");
    let seeded = seed::fill(&large, wanted.size, BCRYPT_COST)?;
    let mut findings = Findings::default();
    findings.summary.push(format!(
        "{name}: {} rows in {} s, {} rows/s",
        seeded.rows,
        seeded.took.as_secs(),
        u128::from(seeded.rows) * 1000 / seeded.took.as_millis().max(1),
    ));
    let system = System::start(&large, &place.folder.path().join("large"), seeded.cast.now_ms)?;
    if wanted.cost {
        let other = System::start(&small, &place.folder.path().join("small"), beside.now_ms)?;
        findings.add_cost((&other, &beside), (&system, &seeded.cast)).await?;
    }
    let seeing = Tour::walk(&system, (&large, &small), &seeded.cast).await?;
    findings.add_faults("not on the tour", routes_not_seen(&seeing)?);
    // An optimised program does not know any more which function it was in.
    if cfg!(debug_assertions) {
        findings.add_faults("executed nothing on the tour", functions_not_seen(&seeing)?);
    }
    findings.add_faults("cannot be read", seeing.unread);
    seed::settle(&large)?;
    let report = plans::examine(seeing.statements, &large)?;
    findings.add_plans(&report, output, name)?;
    Ok(findings)
}

/// Measures requests on a large pair of databases that was filled before, beside a new small one.
pub async fn measure(engine: Engine, large: &Databases, size: Size) -> anyhow::Result<Findings> {
    recorder::install()?;
    let place = Place::new(engine, Size::SMALL.cache())?;
    let small = place.databases("small")?;
    let (beside, cast) = (seed::fill(&small, Size::SMALL, BCRYPT_COST)?.cast, seed::known(large, size)?);
    let system = System::start(large, &place.folder.path().join("large"), cast.now_ms)?;
    let other = System::start(&small, &place.folder.path().join("small"), beside.now_ms)?;
    let mut findings = Findings::default();
    findings.add_cost((&other, &beside), (&system, &cast)).await?;
    Ok(findings)
}

impl Findings {
    async fn add_cost(&mut self, small: (&System, &Cast), large: (&System, &Cast)) -> anyhow::Result<()> {
        let (small, large) = (Side::of(small.0, small.1).await?, Side::of(large.0, large.1).await?);
        let (table, faults) = compare(small, large).await?;
        self.summary.extend(table);
        self.faults.extend(faults);
        Ok(())
    }

    fn add_faults(&mut self, what: &str, of: Vec<String>) {
        self.faults.extend(of.into_iter().map(|each| format!("{what}: {each}")));
    }

    fn add_plans(&mut self, report: &Report, output: &Path, name: Engine) -> anyhow::Result<()> {
        std::fs::create_dir_all(output)?;
        let file = output.join(format!("plans-{name}.txt"));
        std::fs::write(&file, &report.text).with_context(|| file.display().to_string())?;
        let (most, occasion) = &report.most;
        self.summary.push(format!(
            "{name}: {} different statements; plans in {}",
            report.statements,
            file.display()
        ));
        if *most > 0 {
            self.summary.push(format!("{name}: at the most {most} rows are looked at ({occasion})"));
        }
        self.faults.extend(report.faults.iter().cloned());
        Ok(())
    }
}
