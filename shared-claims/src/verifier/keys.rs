use std::sync::Arc;

use super::{KeySet, KeyState, VerifyError, remote::RemoteKeySet};

/// Where a verifier has its keys from.
pub(super) enum Keys {
    Fixed(Arc<KeySet>),
    Remote(RemoteKeySet),
}

impl Keys {
    /// The set that has `kid`, if any has it. Only a key that is not at hand may take the network.
    pub(super) async fn having(&self, kid: &str) -> Result<Arc<KeySet>, VerifyError> {
        match self {
            Self::Fixed(keys) => Ok(Arc::clone(keys)),
            Self::Remote(remote) => remote.having(kid).await,
        }
    }

    pub(super) fn state(&self) -> KeyState {
        match self {
            Self::Fixed(_) => KeyState::Fixed,
            Self::Remote(remote) => remote.state(),
        }
    }

    pub(super) async fn warm_up(&self) -> bool {
        match self {
            Self::Fixed(_) => true,
            Self::Remote(remote) => remote.warm_up().await,
        }
    }
}
