//! The load: a bounded number of clients, each of which sends its next request when it has the answer to the last.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::{
    http::{Connection, Request},
    process::Process,
};

/// One client: it sends one request, and an answer that is not as it must be is an error.
pub(crate) type Client = Box<dyn FnMut(&mut Connection) -> Result<()> + Send>;

/// What was seen while clients were at work.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) elapsed: Duration,
    /// The server's processor time.
    pub(crate) cpu: Duration,
    /// How long each answer took.
    pub(crate) latencies: Vec<Duration>,
}

impl Slice {
    pub(crate) fn requests(&self) -> usize {
        self.latencies.len()
    }
}

/// Lets the clients work for this time. Each finishes the request that it is at, and has one at least.
pub(crate) fn run(server: &Process, clients: &mut [Client], time: Duration) -> Result<Slice> {
    // New ones each time: the server closes those that were idle while a limit was measured.
    let connections: Vec<_> = clients.iter().map(|_| Connection::open(server.port)).collect::<Result<_>>()?;
    let (cpu, started) = (server.cpu()?, Instant::now());
    let latencies = std::thread::scope(|scope| {
        let work = |(client, connection)| scope.spawn(move || repeat(client, connection, started + time));
        let threads: Vec<_> = clients.iter_mut().zip(connections).map(work).collect();
        let joined =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| anyhow::bail!("panicked")));
        joined.collect::<Result<Vec<_>>>()
    })?;
    Ok(Slice {
        elapsed: started.elapsed(),
        cpu: server.cpu()?.saturating_sub(cpu),
        latencies: latencies.concat(),
    })
}

fn repeat(client: &mut Client, mut connection: Connection, until: Instant) -> Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    let mut now = Instant::now();
    loop {
        client(&mut connection)?;
        let answered = Instant::now();
        latencies.push(answered - now);
        now = answered;
        if now >= until {
            return Ok(latencies);
        }
    }
}

/// So many clients that send one request again and again.
pub(crate) fn same(clients: usize, request: &Request, status: u16) -> Vec<Client> {
    let client = |_| same_with(request.clone(), status, "");
    (0..clients).map(client).collect()
}

/// A client that sends one request again and again, and finds this text in each answer.
pub(crate) fn same_with(request: Request, status: u16, text: &'static str) -> Client {
    Box::new(move |connection| {
        let answer = connection.exchange(&request)?.expect(status)?;
        ensure!(answer.body.contains(text), "{text} is not in {}", answer.body);
        Ok(())
    })
}

/// Clients that share these requests among them, and go through their own again and again.
pub(crate) fn dealt(clients: usize, requests: &[Request], status: u16) -> Vec<Client> {
    let client = |first: usize| -> Client {
        let own: Vec<Request> = requests.iter().skip(first).step_by(clients).cloned().collect();
        let mut next = 0;
        Box::new(move |connection| {
            connection.exchange(&own[next % own.len()])?.expect(status)?;
            next += 1;
            Ok(())
        })
    };
    (0..clients.min(requests.len())).map(client).collect()
}
