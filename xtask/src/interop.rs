//! Our tokens checked by implementations of other makers, which are given the metadata's URL and a token, nothing else
//! of ours: PyJWT and npm's jose. The programs are in `interop/`; what they need is installed in `target/interop`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;

use crate::cargo::{Programs, root, target};
use crate::servers::{DEMO_USER, Interrupt, Output, Place, Process};
use crate::test::{Outcome, Suite};

pub(crate) fn suites() -> [Suite; 2] {
    [Suite::new("interop/pyjwt", pyjwt), Suite::new("interop/jose", jose)]
}

fn pyjwt() -> Outcome {
    let missing = "is missing: apt-get install python3 python3-venv";
    if !runs(Command::new("python3").args(["-c", "import ensurepip, venv"])) {
        return Outcome::Skipped { why: format!("python3 with venv {missing}") };
    }
    python_environment().and_then(|python| verify(Command::new(python).arg("verify.py"))).into()
}

fn jose() -> Outcome {
    if !runs(Command::new("node").arg("--version")) || !runs(Command::new("npm").arg("--version")) {
        return Outcome::Skipped { why: "node or npm is missing: apt-get install nodejs npm".into() };
    }
    node_modules().and_then(|()| verify(Command::new("node").arg("verify.mjs"))).into()
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
    once(&folder, "requirements.txt", || {
        succeeds(Command::new("python3").args(["-m", "venv", "--clear", "venv"]).current_dir(&folder))?;
        let install =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"];
        succeeds(Command::new(&python).args(install).current_dir(&folder))
    })?;
    Ok(python)
}

fn node_modules() -> Result<()> {
    let folder = workshop()?;
    once(&folder, "package-lock.json", || {
        succeeds(Command::new("npm").args(["ci", "--ignore-scripts"]).current_dir(&folder))
    })
}

/// Installs anew only when the file that pins the versions has changed since it last went well.
fn once(folder: &Path, pins: &str, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let stamp = folder.join(format!("{pins}.installed"));
    let wanted = std::fs::read(folder.join(pins))?;
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    install()?;
    Ok(std::fs::write(stamp, wanted)?)
}

fn succeeds(command: &mut Command) -> Result<()> {
    let output =
        command.output().with_context(|| format!("{} does not run", command.get_program().display()))?;
    let said = [output.stdout, output.stderr].concat();
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&said).trim());
    Ok(())
}

/// Logs in at a throwaway auth-server. The verifier must accept the access token, refuse what is not quite it, and after
/// the logout refuse it too.
fn verify(verifier: &mut Command) -> Result<String> {
    let programs = Programs::build()?;
    let interrupt = Interrupt::watch()?;
    let folder = tempfile::Builder::new().prefix("latchkey-interop-").tempdir()?;
    let place = Place::throwaway(folder.path())?;
    let log = folder.path().join("auth-server.log");
    let command = place.auth_server(&programs.auth_server);
    let mut server = Process::start("auth-server", command, &Output::File(log))?;
    server.wait_until_ready(place.auth_port, Duration::from_mins(1), &interrupt)?;
    place.ensure_user(&programs.auth_server, &DEMO_USER)?;

    let token = access_token(&place.issuer())?;
    let metadata = format!("{}/.well-known/oauth-authorization-server", place.issuer());
    verifier.args([&metadata, "resource-api"]).current_dir(target().join("interop"));
    let (accepted, said) = ask(verifier, &token)?;
    ensure!(accepted, "a good token was refused: {said}");
    println!("{said}");
    for (what, forged) in forgeries(&token)? {
        let (accepted, said) = ask(verifier, &forged)?;
        ensure!(!accepted, "{what} was accepted: {said}");
        ensure!(said.starts_with("refused: "), "{what} was not refused but broke the verifier: {said}");
        println!("{what}: {said}");
    }
    log_out(&place.issuer(), &token)?;
    let (accepted, said) = ask(verifier, &token)?;
    ensure!(!accepted && said.starts_with("refused: "), "after the logout: {said}");
    println!("after the logout: {said}");
    Ok("a good token accepted, forged and revoked ones refused, given the metadata's URL alone".into())
}

fn access_token(issuer: &str) -> Result<String> {
    let body = serde_json::json!({ "username": DEMO_USER.name, "password": DEMO_USER.password });
    let mut answer = ureq::post(format!("{issuer}/auth/login"))
        .header("Content-Type", "application/json")
        .send(body.to_string())
        .context("login")?;
    let answer: serde_json::Value = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
    Ok(answer["access_token"].as_str().context("a token response has an access token")?.to_owned())
}

fn log_out(issuer: &str, token: &str) -> Result<()> {
    let logout = ureq::post(format!("{issuer}/auth/logout"));
    logout.header("Authorization", format!("Bearer {token}")).send_empty().context("logout")?;
    Ok(())
}

/// A signature with one bit of another's, and claims exchanged under the old signature. Both stay well-formed, so that
/// nothing but the check of the signature can tell.
fn forgeries(token: &str) -> Result<[(&'static str, String); 2]> {
    let (signed, signature) = token.rsplit_once('.').context("a token has three parts")?;
    let (header, claims) = signed.split_once('.').context("a token has three parts")?;
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let other_signature = format!("{first}{}", &signature[1..]);
    let text = BASE64URL.decode(claims)?;
    let other_claims = String::from_utf8(text)?.replacen("posts:read", "posts:rule", 1);
    let other_claims = BASE64URL.encode(other_claims);
    Ok([
        ("a token under another signature", format!("{signed}.{other_signature}")),
        ("a token with other claims", format!("{header}.{other_claims}.{signature}")),
    ])
}

/// The token goes in on standard input, so that it does not show in the list of processes.
fn ask(verifier: &mut Command, token: &str) -> Result<(bool, String)> {
    let mut asked = verifier.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = asked.stdin.take() {
        stdin.write_all(token.as_bytes())?;
    }
    let output = asked.wait_with_output()?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&said).trim().to_owned()))
}
