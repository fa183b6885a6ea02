//! Where the programs of other languages run, and what they need.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::cargo::{root, target};
use crate::node::{self, once, succeeds};
use crate::test::Outcome;

/// Hands this program of `interop/` to a suite, if Python is here.
pub(super) fn with_python(program: &str, suite: impl Fn(&mut Command) -> Result<String>) -> Outcome {
    if !runs(Command::new("python3").args(["-c", "import ensurepip, venv"])) {
        let why = "python3 with venv is missing: apt-get install python3 python3-venv".into();
        return Outcome::Skipped { why };
    }
    python_environment().and_then(|python| suite(in_workshop(&mut Command::new(python)).arg(program))).into()
}

/// The same, if Node is here.
pub(super) fn with_node(program: &str, suite: impl Fn(&mut Command) -> Result<String>) -> Outcome {
    if let Some(why) = node::missing() {
        return Outcome::Skipped { why };
    }
    workshop()
        .and_then(|folder| node::install(&folder))
        .and_then(|()| suite(in_workshop(&mut Command::new("node")).arg(program)))
        .into()
}

/// Runs a program with this on standard input, so that no token and no secret shows in the list of processes. Whether it
/// went well, and what it said.
pub(super) fn ask(program: &mut Command, input: &str) -> Result<(bool, String)> {
    let mut asked = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = asked.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let output = asked.wait_with_output()?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&said).trim().to_owned()))
}

fn in_workshop(command: &mut Command) -> &mut Command {
    command.current_dir(target().join("interop"))
}

fn runs(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// The folder that programs of other languages run in: copies of `interop/`'s files beside what they need.
fn workshop() -> Result<PathBuf> {
    let folder = target().join("interop");
    std::fs::create_dir_all(&folder)?;
    for entry in std::fs::read_dir(root().join("interop"))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    Ok(folder)
}

fn python_environment() -> Result<PathBuf> {
    let folder = workshop()?;
    let python = folder.join("venv/bin/python");
    once(&folder, "requirements.txt", "venv", || {
        succeeds(Command::new("python3").args(["-m", "venv", "--clear", "venv"]).current_dir(&folder))?;
        let install =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"];
        succeeds(Command::new(&python).args(install).current_dir(&folder))
    })?;
    Ok(python)
}
