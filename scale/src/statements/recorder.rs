//! Catches every statement that the servers in this process execute, by Diesel's instrumentation.

use std::{
    backtrace::Backtrace,
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

use super::Statement;

/// Diesel takes a plain function to watch new connections with, so what they tell has to meet in one place.
static CAUGHT: Mutex<Caught> = Mutex::new(Caught {
    occasion: None,
    in_database: Duration::ZERO,
    seen: Vec::new(),
    unread: BTreeSet::new(),
});

struct Caught {
    /// What is being done now. Without one, statements are not kept.
    occasion: Option<Occasion>,
    in_database: Duration,
    seen: Vec<Seen>,
    unread: BTreeSet<String>,
}

/// Why a statement was executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// Somebody waits for it.
    Request,
    /// A server does it by itself.
    Background,
    /// Somebody does it on the command line, now and then.
    CommandLine,
}

#[derive(Clone)]
struct Occasion {
    purpose: Purpose,
    name: String,
}

/// A statement that was executed.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) purpose: Purpose,
    /// What was being done.
    pub(crate) occasion: String,
    pub(crate) statement: Statement,
    /// The functions of the stores that it was executed by, the innermost first. Empty in an optimised program.
    pub(crate) functions: Vec<String>,
    pub(crate) took: Duration,
}

/// Watches every connection that is opened from now on.
pub(crate) fn install() -> anyhow::Result<()> {
    Ok(set_default_instrumentation(|| Some(Box::new(Watch::default())))?)
}

/// What is done from now on is this.
pub(crate) fn begin(purpose: Purpose, name: &str) {
    caught().occasion = Some(Occasion { purpose, name: name.into() });
}

/// And now something else that is not to be looked at.
pub(crate) fn end() {
    caught().occasion = None;
}

/// All that was kept since the last time.
pub(crate) fn take() -> Vec<Seen> {
    std::mem::take(&mut caught().seen)
}

/// What was executed since the last time and is not among what is kept, because it could not be read.
pub(crate) fn take_unread() -> Vec<String> {
    std::mem::take(&mut caught().unread).into_iter().collect()
}

/// How long all statements together took since the last time, commits included.
pub(crate) fn take_time() -> Duration {
    std::mem::take(&mut caught().in_database)
}

fn caught() -> MutexGuard<'static, Caught> {
    CAUGHT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Of one connection.
#[derive(Default)]
struct Watch {
    under_way: Option<(Instant, Option<Seen>)>,
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                let occasion = caught().occasion.clone();
                let seen = occasion.and_then(|occasion| {
                    see(occasion, &query.to_string()).unwrap_or_else(|unread| {
                        caught().unread.insert(unread.to_string());
                        None
                    })
                });
                self.under_way = Some((Instant::now(), seen));
            }
            InstrumentationEvent::FinishQuery { .. } => {
                let Some((began, seen)) = self.under_way.take() else { return };
                let took = began.elapsed();
                let mut caught = caught();
                caught.in_database += took;
                caught.seen.extend(seen.map(|seen| Seen { took, ..seen }));
            }
            _ => {}
        }
    }
}

fn see(occasion: Occasion, shown: &str) -> anyhow::Result<Option<Seen>> {
    let Some(statement) = Statement::parse(shown)? else { return Ok(None) };
    Ok(Some(Seen {
        purpose: occasion.purpose,
        occasion: occasion.name,
        statement,
        functions: if cfg!(debug_assertions) {
            store_functions(&Backtrace::force_capture().to_string())
        } else {
            Vec::new()
        },
        took: Duration::ZERO,
    }))
}

/// The functions of the two stores in a backtrace, as `auth_server::store::users::find`. Where a function was built into
/// another, the backtrace has its bare name; the file is there in any case.
fn store_functions(backtrace: &str) -> Vec<String> {
    let mut functions = Vec::new();
    let mut name = "";
    for line in backtrace.lines().map(str::trim) {
        let Some(place) = line.strip_prefix("at ") else {
            name = line.split_once(": ").map_or("", |(_, name)| name);
            continue;
        };
        let function = module_of(place).map(|module| format!("{module}::{}", last_name(name)));
        functions.extend(function.filter(|function| !functions.contains(function)));
    }
    functions
}

/// `auth_server::store::users` for `/…/auth-server/src/store/users.rs:1:2`.
fn module_of(place: &str) -> Option<String> {
    let (crate_path, file) = place.split_once("/src/store/")?;
    let crate_name = crate_path.rsplit('/').next()?.replace('-', "_");
    let module = file.split('.').next()?;
    Some(format!("{crate_name}::store::{module}"))
}

/// `find` for `auth_server::store::users::find::{{closure}}` and for `find<T>`.
fn last_name(path: &str) -> &str {
    let path = path.split(['<', '{']).next().unwrap_or_default().trim_end_matches("::");
    path.rsplit("::").next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_functions_of_a_store_are_taken_from_a_backtrace() {
        let backtrace = "   3: auth_server::store::statuses::block\n             at /x/auth-server/src/store/statuses.rs:1:2\n   \
                         4: auth_server::store::sessions::end::{{closure}}\n             at /x/auth-server/src/store/sessions.rs:1:2\n   \
                         5: end\n             at /x/auth-server/src/store/sessions.rs:3:2\n   \
                         6: auth_server::accounts::logout::end\n             at /x/auth-server/src/accounts/logout.rs:3:2\n";
        assert_eq!(
            store_functions(backtrace),
            ["auth_server::store::statuses::block", "auth_server::store::sessions::end"]
        );
    }
}
