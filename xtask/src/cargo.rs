//! Running cargo, and reading from it what the workspace holds and what a build made.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// The workspace's folder. `cargo run` says where it is; what was true when xtask was built may be no longer, since a
/// checkout that is moved is not built anew.
pub(crate) fn root() -> PathBuf {
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&xtask).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Where builds go, also the logs and environments that suites make.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |set| root().join(set))
}

/// The cargo that runs us, in the workspace's folder. In CI the lock file must already be right.
pub(crate) fn command(subcommand: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.arg(subcommand).current_dir(root());
    if crate::test::in_ci() && !matches!(subcommand, "fmt" | "deny") {
        command.arg("--locked");
    }
    command
}

/// What `cargo metadata --no-deps` says: the workspace's own packages.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) features: std::collections::BTreeMap<String, Vec<String>>,
    pub(crate) targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Absent for what the program itself needs; `dev` or `build` otherwise.
    pub(crate) kind: Option<String>,
    pub(crate) optional: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
    pub(crate) test: bool,
}

impl Metadata {
    pub(crate) fn load() -> Result<Self> {
        let output = command("metadata").args(["--no-deps", "--format-version", "1"]).output()?;
        ensure!(
            output.status.success(),
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        serde_json::from_slice(&output.stdout).context("the output of cargo metadata")
    }
}

/// One thing that a build made, from cargo's `compiler-artifact` messages.
#[derive(Debug, Deserialize)]
pub(crate) struct Artifact {
    pub(crate) manifest_path: PathBuf,
    pub(crate) target: Target,
    pub(crate) profile: Profile,
    pub(crate) executable: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Profile {
    pub(crate) test: bool,
}

#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact(Artifact),
    #[serde(other)]
    Other,
}

/// Runs a cargo build, its progress and complaints shown as they come, and lists what it made.
pub(crate) fn build(command: &mut Command) -> Result<Vec<Artifact>> {
    command.arg("--message-format=json-render-diagnostics").stdout(Stdio::piped());
    let mut child = command.spawn().context("cargo does not start")?;
    let mut artifacts = Vec::new();
    for line in child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines) {
        if let Message::CompilerArtifact(artifact) = serde_json::from_str(&line?)? {
            artifacts.push(artifact);
        }
    }
    ensure!(child.wait()?.success(), "the build failed; what is wrong stands above");
    Ok(artifacts)
}

/// The two server programs, as built.
#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) auth_server: PathBuf,
    pub(crate) resource_api: PathBuf,
}

impl Programs {
    /// Builds both in the dev profile: its dependencies are optimised (see the root manifest), and the first build
    /// takes a fraction of what a release build does.
    pub(crate) fn build() -> Result<Self> {
        let made = build(command("build").args(["-p", "auth-server", "-p", "resource-api"]))?;
        Ok(Self {
            auth_server: program(&made, "auth-server")?,
            resource_api: program(&made, "resource-api")?,
        })
    }
}

/// The program of this name among what a build made.
pub(crate) fn program(made: &[Artifact], name: &str) -> Result<PathBuf> {
    made.iter()
        .filter(|artifact| artifact.target.name == name && !artifact.profile.test)
        .find_map(|artifact| artifact.executable.clone())
        .with_context(|| format!("the build made no program named {name}"))
}
