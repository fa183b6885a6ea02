//! A deployment of the real programs: auth-servers and resource-apis on one database server, behind nginx.

mod balancer;
mod caller;
pub(crate) mod deployment;
mod ended;
mod instance;
mod worker;

pub(crate) use caller::{Caller, Login, PASSWORD, Reply};
pub(crate) use deployment::{Deployment, Setup};
pub(crate) use ended::Ended;
pub(crate) use instance::Instance;
pub(crate) use worker::{Try, Worker};

/// A port that nobody listens on, from below those that the system gives to connections: an instance that is away for a
/// moment finds its own free when it comes back.
fn free_port() -> u16 {
    let random = || 15_000 + u16::try_from(getrandom::u32().unwrap() % 17_000).unwrap();
    std::iter::repeat_with(random)
        .find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .unwrap()
}

/// A program that is killed when the thread that starts it ends, so that nothing outlives the tests, however they end.
fn mortal(program: impl AsRef<std::ffi::OsStr>) -> std::process::Command {
    let mut command = std::process::Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", "--"]).arg(program).stdin(std::process::Stdio::null());
    command
}
