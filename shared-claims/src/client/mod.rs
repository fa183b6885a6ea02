//! Tokens for calls to other services: the client credentials grant (RFC 6749 §4.4), asked for once in a token's life.
//!
//! All fetching is done by a task of its own, so that there is one fetch under way and no caller that goes away cancels
//! it. Callers look at the [`State`]; those who find no token in it wait for the task to change it.

mod builder;
mod endpoint;
mod error;
mod state;
mod token;

use std::{fmt, sync::Arc};

use tokio::{
    runtime::Handle,
    sync::watch,
    time::{Instant, timeout_at},
};

pub use self::{
    builder::{TokenSourceBuildError, TokenSourceBuilder},
    error::TokenSourceError,
    token::ServiceToken,
};
use self::{
    endpoint::TokenEndpoint,
    state::{Moment, State, Step},
};
use crate::Clock;

/// Gets access tokens for a service that calls others, and keeps the one at hand fresh. Cheap to clone; clones share
/// their token.
///
/// ```no_run
/// use shared_claims::TokenSource;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let tokens = TokenSource::builder("https://auth.example.com", "client_id", "client_secret")
///     .audience("notes-service")
///     .scope("notes:read".parse()?)
///     .build()?;
///
/// let http = reqwest::Client::new();
/// let token = tokens.token().await?;
/// let answer = http.get("https://notes.example.com/notes").bearer_auth(token.as_str()).send().await?;
/// if answer.status() == 401 {
///     // It was revoked, or its key was: the next call of token() brings another. Try again with that one, once.
///     tokens.invalidate(&token);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # When it fetches
///
/// - When there is no token, it has expired, or it was [invalidated](Self::invalidate): callers wait for the fetch, all
///   for the same one.
/// - When less than a quarter of the token's life is left and somebody asks: he gets the token at hand at once, and the
///   next is fetched in the background.
/// - Never otherwise. A token that nobody asks for is not renewed.
///
/// A token counts as expired when either the machine's clock or the time that this process was running says so, and
/// some moments early (a tenth of its life, at most two seconds), because it has yet to reach the other side. However
/// long a server lets it live, it is kept for a day at the most.
///
/// After a fetch that failed there is none for 1, 2, 4, … up to 30 seconds, or for as long as the answer's `Retry-After`
/// says, up to a minute. Meanwhile callers get the token at hand, if it still lives, or else the same error at once. A
/// fetch takes five seconds at the most.
///
/// # What is not done
///
/// - The token is not looked into: it is the other side's business to verify it. Whether it has all the scopes that were
///   asked for is not checked either; a server that grants less says 403 when it matters.
/// - Nothing is fetched before the first call of [`token`](Self::token), not even to see whether the secret is right.
/// - Requests are not repeated for you, and no `401` is noticed: say [`invalidate`](Self::invalidate).
/// - With plain `http` anybody on the path reads the secret and the tokens: that is for the own machine and a trusted
///   network. `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are honoured; a proxy for plain `http` is on the path, too.
#[derive(Clone)]
pub struct TokenSource(Arc<Shared>);

/// What the callers and a fetch have in common.
struct Shared {
    endpoint: TokenEndpoint,
    clock: Clock,
    state: watch::Sender<State>,
}

impl TokenSource {
    /// Starts a source of tokens from this issuer, for the client that is registered there with this id and secret.
    pub fn builder(
        issuer: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> TokenSourceBuilder {
        TokenSourceBuilder::new(issuer.into(), client_id.into(), client_secret.into())
    }

    fn new(endpoint: TokenEndpoint, clock: Clock) -> Self {
        Self(Arc::new(Shared { endpoint, clock, state: watch::Sender::new(State::default()) }))
    }

    /// A token that is good for a while yet. Waits for the network only when there is none at hand.
    ///
    /// Call it for each request rather than keep what it gives: nothing is cheaper than a token at hand. It needs a tokio
    /// runtime.
    pub async fn token(&self) -> Result<ServiceToken, TokenSourceError> {
        let mut state = self.0.state.subscribe();
        loop {
            // Looked at through the subscription, so that no change between the look and the waiting is missed.
            let step = state.borrow_and_update().step(self.0.now());
            match step {
                Step::Use(token) => return Ok(token),
                Step::UseAndRenew(token) => {
                    // Where nothing can be fetched, the token at hand is as good as elsewhere.
                    self.begin_fetch().ok();
                    return Ok(token);
                }
                Step::Refuse(error) => return Err(error),
                Step::Fetch => self.begin_fetch()?,
                // Past this time the fetch has stalled with its runtime; then it is begun anew on this one.
                Step::WaitUntil(stalled_at) => drop(timeout_at(stalled_at, state.changed()).await),
            }
        }
    }

    /// Forgets this token, because the other side has refused it with 401: the next call of [`token`](Self::token)
    /// fetches anew. If another token has taken its place meanwhile, nothing is forgotten, so that of many callers who
    /// were refused at the same time one causes a fetch.
    pub fn invalidate(&self, token: &ServiceToken) {
        self.0.state.send_if_modified(|state| {
            state.forget(token);
            false
        });
    }

    /// Starts a fetch, unless there is one, or another caller has just ended one.
    fn begin_fetch(&self) -> Result<(), TokenSourceError> {
        let runtime = Handle::try_current().map_err(|_| TokenSourceError::NoRuntime)?;
        let (asked_at, mut number) = (self.0.now(), None);
        self.0.state.send_if_modified(|state| {
            number = state.begin(asked_at);
            false
        });
        if let Some(number) = number {
            let fetch = Fetch { shared: Arc::clone(&self.0), number, asked_at };
            runtime.spawn(fetch.run());
        }
        Ok(())
    }
}

impl Shared {
    fn now(&self) -> Moment {
        Moment { at: Instant::now(), wall_ms: self.clock.now_ms() }
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource").field("endpoint", &self.0.endpoint).finish_non_exhaustive()
    }
}

/// A fetch under way. Dropped before its end (with its runtime, such as a server's worker that stopped), it says so, and
/// those who wait for it begin another.
struct Fetch {
    shared: Arc<Shared>,
    number: u64,
    asked_at: Moment,
}

impl Fetch {
    async fn run(self) {
        let Shared { endpoint, state, .. } = &*self.shared;
        let result = endpoint.fetch().await;
        match &result {
            Ok(_) => log::debug!("got a token from {endpoint}"),
            Err(error) => log::warn!("getting a token from {endpoint} failed: {error}"),
        }
        let now = self.shared.now();
        state.send_modify(|state| state.record(self.number, self.asked_at, result, now));
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.shared.state.send_if_modified(|state| state.abandon(self.number));
    }
}
