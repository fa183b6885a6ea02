use std::{
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{cached_list::CachedList, lists::Shared, snapshot::Change};
use crate::verifier::{VerifyError, running::Running};

/// Starts the list's refresher unless it runs. It ends with the runtime that it was started on, such as a server's worker
/// that stopped; the next caller then starts it on its own.
pub(super) fn keep_refreshing(shared: &Arc<Shared>, list: &Arc<CachedList>) -> Result<(), VerifyError> {
    if list.is_refreshing.load(Ordering::SeqCst) {
        return Ok(());
    }
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        log::error!(
            "cannot fetch {}: verify tokens within a tokio runtime",
            shared.source.address(list.number)
        );
        return Err(VerifyError::Unavailable { retry_after: Duration::from_secs(1) });
    };
    if let Some(running) = Running::start(&list.is_refreshing) {
        let (shared, weak_list) = (Arc::downgrade(shared), Arc::downgrade(list));
        runtime.spawn(run(shared, weak_list, Arc::clone(&list.wake), running));
    }
    Ok(())
}

/// Fetches the list whenever a fetch is due or asked for, until the list has not been used for longer than any token
/// lives that was checked with it.
async fn run(shared: Weak<Shared>, list: Weak<CachedList>, wake: Arc<Notify>, running: Running) {
    loop {
        // Nothing is held while sleeping, or the lists would never be dropped.
        let next_step_at = {
            let (Some(shared), Some(list)) = (shared.upgrade(), list.upgrade()) else { return };
            let now = Instant::now();
            let wished_for_at = wished_for_at(&shared, &list, now);
            if wished_for_at.is_none() && now >= list.idle_at() && shared.forget_if_idle(&list) {
                log::debug!("forgot the status list {}: nobody uses it", shared.source.address(list.number));
                drop(running);
                // Somebody may have come who saw this task running and now waits for it.
                if list.is_wanted.load(Ordering::SeqCst) {
                    let _ = keep_refreshing(&shared, &list);
                }
                return;
            }
            let fetch_at = wished_for_at.or(list.latest.borrow().due_at());
            if fetch_at.is_some_and(|at| at <= now) {
                fetch(&shared, &list).await;
                continue;
            }
            wished_for_at.unwrap_or_else(|| fetch_at.map_or(list.idle_at(), |at| at.min(list.idle_at())))
        };
        tokio::select! {
            () = sleep_until(next_step_at) => {}
            () = wake.notified() => {}
        }
    }
}

/// When the fetch may begin that somebody waits for. A wish counts for as long as there is nothing to look at, and no
/// failure that its owner is told of instead.
fn wished_for_at(shared: &Shared, list: &CachedList, now: Instant) -> Option<Instant> {
    if !list.is_wanted.swap(false, Ordering::SeqCst) {
        return None;
    }
    let latest = list.latest.borrow();
    let is_in_need = latest.held().is_none_or(|(_, exp)| shared.source.has_passed(exp));
    if !is_in_need || latest.is_quiet(now) {
        return None;
    }
    let at = latest.earliest_fetch().unwrap_or(now);
    if at > now {
        // It stands until it is fulfilled.
        list.is_wanted.store(true, Ordering::SeqCst);
    }
    Some(at)
}

async fn fetch(shared: &Shared, list: &CachedList) {
    let began_at = Instant::now();
    list.latest.send_if_modified(|latest| {
        latest.begin(began_at);
        false
    });
    let result = shared.source.fetch(list.number).await;
    let address = || shared.source.address(list.number);
    if let Err(error) = &result {
        log::warn!("fetching the status list {} failed: {error}", address());
    }
    let mut change = Change::Failed;
    list.latest.send_modify(|latest| change = latest.record(result, began_at, Instant::now()));
    match change {
        Change::Replaced => log::debug!("fetched the status list {}", address()),
        Change::Lagging => {
            log::warn!(
                "the status list {} that was fetched is older than ours: a stale cache, or a replay",
                address()
            );
        }
        Change::StillLagging | Change::Failed => {}
    }
}
