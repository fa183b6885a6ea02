//! The crates' own tests. All are built at once with one set of features, because each set would build the whole
//! dependency tree again; then every test program is a suite, run in its crate's folder as cargo would run it.

use std::cell::OnceCell;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::engines::{self, Engine};
use super::{Outcome, Suite};
use crate::cargo::{Artifact, Metadata, Package, build, command, target};

/// Test programs that are run on every database engine.
const ON_EVERY_ENGINE: [&str; 7] = [
    "auth-server/api",
    "auth-server/faults",
    "auth-server/store",
    "resource-api/api",
    "resource-api/contract",
    "resource-api/store",
    "scale/plans",
];
/// Longer than any suite takes on a slow machine; past it, one hangs.
const LONGEST: Duration = Duration::from_mins(30);

/// Every feature of every crate that can be built here, as `--features` takes them.
pub(super) fn features_to_test(metadata: &Metadata) -> String {
    let of = |package: &Package| {
        let testable = |name: &&String| *name != "default" && engines::can_build(name);
        package
            .features
            .keys()
            .filter(testable)
            .map(|name| format!("{}/{name}", package.name))
            .collect::<Vec<_>>()
    };
    metadata.packages.iter().flat_map(of).collect::<Vec<_>>().join(",")
}

/// The test programs, built when the first of them is to be run.
struct Built {
    features: String,
    programs: OnceCell<Result<Vec<Artifact>, String>>,
}

impl Built {
    fn programs(&self) -> &Result<Vec<Artifact>, String> {
        self.programs.get_or_init(|| {
            let mut tests = command("test");
            tests.args(["--workspace", "--no-run", "--features", &self.features]);
            build(&mut tests).map_err(|error| format!("{error:#}"))
        })
    }

    /// A row of its own, so that the time goes to the build and not to whichever suite comes first.
    fn outcome(&self) -> Outcome {
        match self.programs() {
            Ok(_) => Outcome::passed("every test program and example"),
            Err(why) => Outcome::failed(why.clone()),
        }
    }
}

/// The build; per crate one suite of its unit tests and one per program in `tests/`; the examples in all documentation.
pub(super) fn suites(metadata: &Metadata) -> Vec<Suite> {
    let built = Rc::new(Built { features: features_to_test(metadata), programs: OnceCell::new() });
    let to_build = Rc::clone(&built);
    let mut suites = vec![Suite::new("build", move || to_build.outcome())];
    for package in &metadata.packages {
        suites.push(suite(&built, package, "unit", None));
        let programs =
            package.targets.iter().filter(|target| target.test && target.kind.iter().any(|k| k == "test"));
        suites.extend(programs.flat_map(|target| on_engines(&built, package, &target.name)));
    }
    suites.push(Suite::new("doc-examples", move || doc_examples(&built.features)));
    suites
}

fn on_engines(built: &Rc<Built>, package: &Package, name: &str) -> Vec<Suite> {
    if ON_EVERY_ENGINE.contains(&format!("{}/{name}", package.name).as_str()) {
        Engine::ALL.map(|engine| suite(built, package, name, Some(engine))).into()
    } else {
        vec![suite(built, package, name, None)]
    }
}

fn suite(built: &Rc<Built>, package: &Package, name: &str, engine: Option<Engine>) -> Suite {
    let (built, manifest, wanted) = (Rc::clone(built), package.manifest_path.clone(), name.to_owned());
    let is_of_deployments = package.name == "system-tests";
    let is_of_database_layer = package.name == "shared-service" && name == "database";
    let suite_name =
        [&package.name, name].into_iter().chain(engine.map(Engine::name)).collect::<Vec<_>>().join("/");
    Suite::new(suite_name, move || match built.programs() {
        _ if let Some(missing) = engine.and_then(Engine::missing_for_tests) => missing,
        _ if is_of_deployments && let Some(missing) = engines::missing_for_deployments() => missing,
        _ if is_of_database_layer && let Some(missing) = engines::missing_for_database_layer() => missing,
        Err(why) => Outcome::failed(why.clone()),
        Ok(programs) => {
            let of_this_suite = |made: &&Artifact| {
                let unit = !made.target.kind.iter().any(|kind| kind == "test");
                let named = if unit { wanted == "unit" } else { wanted == made.target.name };
                made.profile.test && made.manifest_path == manifest && named
            };
            let programs: Vec<_> =
                programs.iter().filter(of_this_suite).filter_map(|made| made.executable.as_deref()).collect();
            run_programs(&programs, &manifest, &wanted, engine)
        }
    })
}

/// Runs test programs and adds up what they say.
fn run_programs(programs: &[&Path], manifest: &Path, name: &str, engine: Option<Engine>) -> Outcome {
    let folder = manifest.parent().unwrap_or(Path::new("."));
    let mut sum = Counts::default();
    for program in programs {
        let mut test = Command::new(program);
        test.current_dir(folder).env("CARGO_MANIFEST_DIR", folder);
        let mut log = program.file_stem().unwrap_or_default().to_owned();
        if let Some(engine) = engine {
            test.env("TEST_DATABASE", engine.name());
            log.push(format!("-{}", engine.name()));
        }
        match counted(&mut test, log.as_ref()) {
            Ok(counts) => sum.add(&counts),
            Err(error) => return Outcome::failed(format!("{error:#}")),
        }
    }
    sum.outcome(name != "unit")
}

fn doc_examples(features: &str) -> Outcome {
    let mut tests = command("test");
    tests.args(["--workspace", "--doc", "--features", features]);
    match counted(&mut tests, Path::new("doc-examples")) {
        Ok(counts) => counts.outcome(true),
        Err(error) => Outcome::failed(format!("{error:#}")),
    }
}

/// Runs a program of libtest's with its output in a log, which is shown when something in it failed.
fn counted(command: &mut Command, log_name: &Path) -> Result<Counts> {
    let folder = target().join("xtask");
    std::fs::create_dir_all(&folder)?;
    let log = folder.join(log_name).with_extension("log");
    println!("    log: {}", log.display());
    let file = File::create(&log)?;
    let mut child =
        command.stdout(file.try_clone()?).stderr(file).spawn().context("the tests do not start")?;
    let ended = wait(&mut child, &log)?;
    let output = String::from_utf8_lossy(&std::fs::read(&log)?).into_owned();
    let mut counts = Counts::read(&output);
    if !ended && counts.failed == 0 {
        counts.broken = Some("the test program itself failed".into());
    }
    if counts.failed > 0 || counts.broken.is_some() {
        println!("{output}");
    }
    Ok(counts)
}

/// Whether it ended well; an error when it hangs, after killing it.
fn wait(child: &mut Child, log: &Path) -> Result<bool> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if started.elapsed() > LONGEST {
            child.kill()?;
            child.wait()?;
            bail!("still running after {} minutes; see {}", LONGEST.as_secs() / 60, log.display());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What libtest's closing lines say.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    passed: usize,
    failed: usize,
    ignored: usize,
    broken: Option<String>,
}

impl Counts {
    /// Adds up every `test result: ok. 3 passed; 0 failed; 0 ignored; …`.
    fn read(output: &str) -> Self {
        let mut sum = Self::default();
        for line in output.lines().filter(|line| line.starts_with("test result: ")) {
            let of = |what: &str| {
                let parts = line.split([';', '.']).map(str::trim);
                parts.filter_map(|part| part.strip_suffix(what)?.trim().parse::<usize>().ok()).sum::<usize>()
            };
            sum.passed += of("passed");
            sum.failed += of("failed");
            sum.ignored += of("ignored");
        }
        sum
    }

    fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.broken = self.broken.take().or_else(|| other.broken.clone());
    }

    /// A suite that holds no test, or leaves one out, has not passed.
    fn outcome(self, must_hold_tests: bool) -> Outcome {
        let count = Some(self.passed + self.failed);
        let failed = |why: String| Outcome::Failed { count, why };
        match self {
            Self { broken: Some(why), .. } => failed(why),
            Self { failed: failures @ 1.., .. } => {
                failed(format!("{failures} failed; their output stands above"))
            }
            Self { ignored: ignored @ 1.., .. } => {
                failed(format!("{ignored} ignored; a test is run or does not exist"))
            }
            Self { passed: 0, .. } if must_hold_tests => failed("holds no tests".into()),
            _ => Outcome::Passed { count, note: String::new() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "running 2 tests\n\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";

    #[test]
    fn counts_of_several_programs_are_added_up() {
        let bad = "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 1.25s";
        let counts = Counts::read(&format!("{GOOD}{bad}"));
        assert_eq!(counts, Counts { passed: 5, failed: 1, ignored: 2, broken: None });
    }

    #[test]
    fn a_failure_an_ignored_test_a_crash_and_an_empty_suite_all_fail() {
        assert_eq!(Counts::read(GOOD).outcome(true), Outcome::Passed { count: Some(2), note: String::new() });
        let bad = [
            Counts { passed: 9, failed: 1, ..Counts::default() },
            Counts { passed: 9, ignored: 1, ..Counts::default() },
            Counts { passed: 9, broken: Some("the test program itself failed".into()), ..Counts::default() },
            Counts::default(),
        ];
        for counts in bad {
            assert!(matches!(counts.outcome(true), Outcome::Failed { .. }));
        }
        assert!(matches!(Counts::default().outcome(false), Outcome::Passed { .. }));
    }
}
