//! `auth-server audit`.

use std::io::{self, BufWriter, ErrorKind, Write};

use clap::Args;
use shared_service::{
    database::{self, Store},
    page::Page,
};
use uuid::Uuid;

use crate::{
    admin::EventView,
    config::Config,
    store::{
        MIGRATIONS,
        audit::{self, AuditEvent, Wanted},
    },
};

/// Events that are read at once.
const LOT: i64 = 1000;

#[derive(Debug, Args)]
pub(super) struct AuditCommand {
    /// How many events, the latest ones.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    limit: i64,
    /// One JSON object per line, as GET /admin/audit tells them.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &AuditCommand, config: &Config) -> anyhow::Result<()> {
    let url = &config.database.url;
    anyhow::ensure!(
        database::is_there(url),
        "there is no database {url}; is this the right folder? The first `serve` makes it"
    );
    MIGRATIONS.run(url)?;
    let mut events = latest(&Store::open(url, 1)?, command.limit)?;
    events.reverse();
    match print(events, command.json) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        printed => Ok(printed?),
    }
}

fn latest(store: &Store, limit: i64) -> anyhow::Result<Vec<AuditEvent>> {
    let mut events: Vec<AuditEvent> = Vec::new();
    loop {
        let left = limit - i64::try_from(events.len())?;
        let after = events.last().map(|event| Uuid::parse_str(&event.id)).transpose()?;
        let page = Page { after, limit: left.min(LOT) };
        let found = store.blocking_transaction::<_, anyhow::Error, _>(|c| {
            Ok(audit::page(c, &page, &Wanted::default())?)
        })?;
        events.extend(found.rows);
        if found.resume_after.is_none() || left <= LOT {
            return Ok(events);
        }
    }
}

fn print(events: Vec<AuditEvent>, json: bool) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for event in events {
        let event = EventView::from(event);
        let line = if json { serde_json::to_string(&event)? } else { line(&event) };
        writeln!(out, "{line}")?;
    }
    out.flush()
}

fn line(event: &EventView) -> String {
    let EventView { at, event, actor, subject, detail, ip, request_id, .. } = event;
    let told = [
        Some(format!("{at} {event} by {}", named(&actor.r#type, actor.name.as_ref()))),
        subject.as_ref().map(|subject| format!("on {}", named(&subject.id, subject.name.as_ref()))),
        detail.as_ref().map(|detail| format!("({detail})")),
        ip.as_ref().map(|ip| format!("from {ip}")),
        request_id.as_ref().map(|id| format!("request {id}")),
    ];
    told.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn named(what: &str, name: Option<&String>) -> String {
    name.map_or_else(|| what.to_owned(), |name| format!("{what} {name}"))
}
