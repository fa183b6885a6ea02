use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use super::{
    cached_list::{CachedList, Entry},
    refresher,
    source::ListSource,
};
use crate::{
    StatusListRef,
    verifier::{ClaimFault, TokenError, VerifyError},
};

/// How many lists are kept. Tokens are verified before their list is looked for, so nobody but the issuer can name one;
/// this many are 2^27 tokens.
const MAX_LISTS: usize = 1024;

/// The status lists of an issuer, by number.
pub(in crate::verifier) struct StatusLists(Arc<Shared>);

/// What the callers and the refreshers have in common.
pub(super) struct Shared {
    pub(super) source: ListSource,
    lists: RwLock<HashMap<u64, Arc<CachedList>>>,
}

impl StatusLists {
    pub(in crate::verifier) fn new(source: ListSource) -> Self {
        Self(Arc::new(Shared { source, lists: RwLock::default() }))
    }

    /// Whether the token with this reference was revoked. An entry that does not exist is not VALID either
    /// (draft-ietf-oauth-status-list-21 §8.3).
    pub(in crate::verifier) async fn check(&self, reference: &StatusListRef) -> Result<(), VerifyError> {
        let refused = TokenError::Claim { name: "status", fault: ClaimFault::Invalid };
        let number = self.0.source.number_of(&reference.uri).ok_or(refused)?;
        let list = self.0.list(number);
        list.note_use();
        let keep_refreshing = || refresher::keep_refreshing(&self.0, &list);
        keep_refreshing()?;
        let entry = match list.entry_at_hand(reference.idx, &self.0.source) {
            Some(entry) => entry,
            None => list.entry_after_fetch(reference.idx, &self.0.source, keep_refreshing).await?,
        };
        match entry {
            Entry::Valid => Ok(()),
            Entry::Invalid => Err(TokenError::Revoked.into()),
            Entry::Missing => Err(refused.into()),
        }
    }
}

impl Shared {
    fn list(&self, number: u64) -> Arc<CachedList> {
        if let Some(list) = self.lists.read().unwrap_or_else(PoisonError::into_inner).get(&number) {
            return Arc::clone(list);
        }
        let mut lists = self.lists.write().unwrap_or_else(PoisonError::into_inner);
        if lists.len() >= MAX_LISTS && !lists.contains_key(&number) {
            let least_used = lists.values().min_by_key(|list| list.used_at()).map(|list| list.number);
            least_used.and_then(|number| lists.remove(&number));
        }
        Arc::clone(lists.entry(number).or_insert_with(|| Arc::new(CachedList::new(number))))
    }

    /// Drops a list unless it has been used in the meantime; whether it was dropped.
    pub(super) fn forget_if_idle(&self, list: &Arc<CachedList>) -> bool {
        let mut lists = self.lists.write().unwrap_or_else(PoisonError::into_inner);
        if tokio::time::Instant::now() < list.idle_at() {
            return false;
        }
        if lists.get(&list.number).is_some_and(|kept| Arc::ptr_eq(kept, list)) {
            lists.remove(&list.number);
        }
        true
    }
}

#[cfg(test)]
#[path = "lists_tests.rs"]
mod tests;
