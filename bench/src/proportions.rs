//! What is not a speed: memory, how long a start takes, and how many bytes go over the wire.

use std::time::Duration;

use anyhow::Result;

use crate::{
    http::{Connection, Request},
    process::Process,
    revocations, rows,
    table::{count, time},
    world::World,
};

const STARTS: usize = 5;
const REVOKED: [usize; 4] = [100, 1_000, 10_000, 50_000];

/// A part of the output behind the table.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Section {
    Memory,
    Start,
    Sizes,
}

/// Bytes that the servers hold.
#[derive(Debug)]
pub(crate) struct Memory {
    auth: u64,
    api: u64,
}

impl Memory {
    pub(crate) fn of(world: &World) -> Result<Self> {
        Ok(Self { auth: world.auth.resident()?, api: world.api.resident()? })
    }
}

impl Section {
    pub(crate) const ALL: [Self; 3] = [Self::Memory, Self::Start, Self::Sizes];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Start => "start",
            Self::Sizes => "sizes",
        }
    }

    /// `idle` is the memory before the rows, `after` that behind them.
    pub(crate) fn print(self, world: &World, idle: &Memory, after: &Memory) -> Result<()> {
        println!();
        match self {
            Self::Memory => print_memory(idle, after),
            Self::Start => print_starts(world)?,
            Self::Sizes => print_sizes(world)?,
        }
        Ok(())
    }
}

fn print_memory(idle: &Memory, after: &Memory) {
    println!("memory    resident, MiB: after the first logins, and after all that was measured");
    for (name, idle, after) in [("auth-server", idle.auth, after.auth), ("resource-api", idle.api, after.api)]
    {
        println!("  {name:<28} {:>9} {:>9}", mebibytes(idle), mebibytes(after));
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{}.{}", bytes >> 20, ((bytes % (1 << 20)) * 10) >> 20)
}

fn print_starts(world: &World) -> Result<()> {
    println!(
        "start     from the program's start until /health/ready is 200; keys and tables are there; of {STARTS}"
    );
    println!("  {:<28} {:>9} {:>9}", "", "median", "longest");
    print_start("auth-server", || world.start_auth())?;
    print_start("resource-api", || world.start_api())
}

fn print_start(name: &str, start: impl Fn() -> Result<Process>) -> Result<()> {
    let took = (0..STARTS).map(|_| Ok(start()?.took));
    let mut took: Vec<Duration> = took.collect::<Result<_>>()?;
    took.sort_unstable();
    println!("  {name:<28} {:>9} {:>9}", time(took[STARTS / 2]), time(took[STARTS - 1]));
    Ok(())
}

fn print_sizes(world: &World) -> Result<()> {
    println!("sizes     bytes");
    let line = |what: &str, bytes: usize| {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
        let bytes = bytes as f64;
        println!("  {what:<40} {:>9}", count(bytes));
    };
    let mut auth = Connection::open(world.auth.port)?;
    line("access token of a user", world.reader.access_token.len());
    let token =
        auth.exchange(&rows::client_credentials_request(world))?.expect(200)?.member("access_token")?;
    line("access token of a service", token.len());
    line("refresh token", world.reader.refresh_token.len());
    line("JWKS, two keys", body_length(&mut auth, rows::JWKS)?);
    let first = rows::first_status_list(&mut auth)?;
    line("status list, none revoked", body_length(&mut auth, &first)?);
    for (number, revoked) in (2..).zip(REVOKED) {
        let path = revocations::revoke(world, number, revoked)?;
        let what = format!("status list, {revoked} of {} revoked", revocations::PLACES);
        line(&what, body_length(&mut auth, &path)?);
    }
    Ok(())
}

fn body_length(connection: &mut Connection, path: &str) -> Result<usize> {
    Ok(connection.exchange(&Request::get(path))?.expect(200)?.body.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_in_mebibytes() {
        assert_eq!([0, 1 << 20, (5 << 20) + (1 << 19)].map(mebibytes), ["0.0", "1.0", "5.5"]);
    }
}
