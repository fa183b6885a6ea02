//! Rates per address: how often one network may ask, resource by resource. Kept in memory, by each instance for itself.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::NoOpMiddleware,
    state::keyed::DashMapStateStore,
};
use shared_service::{config::Rate, request::RequestOrigin};

use super::Network;
use crate::{app::AppState, config::Limits, error::ApiError};

/// The limiters of all resources; none when limits are switched off.
#[derive(Debug)]
pub struct RateLimits(Option<Limiters>);

#[derive(Debug)]
struct Limiters {
    login: Limiter,
    signup: Limiter,
    refresh: Limiter,
    token: Limiter,
    introspect: Limiter,
    status_lists: Limiter,
}

impl RateLimits {
    /// By the settings.
    pub fn new(settings: &Limits) -> Self {
        Self(settings.enabled.then(|| Limiters {
            login: Limiter::new(settings.login, DefaultClock::default()),
            signup: Limiter::new(settings.signup, DefaultClock::default()),
            refresh: Limiter::new(settings.refresh, DefaultClock::default()),
            token: Limiter::new(settings.token, DefaultClock::default()),
            introspect: Limiter::new(settings.introspect, DefaultClock::default()),
            status_lists: Limiter::new(settings.status_lists, DefaultClock::default()),
        }))
    }
}

/// A rate for each of 65,536 slots that networks are spread over. So memory is bounded, however many networks ask; and
/// the spreading is secret and different in each process, so that nobody can choose whose slot to use up.
struct Limiter<C: Clock = DefaultClock> {
    slots: RateLimiter<u16, DashMapStateStore<u16>, C, NoOpMiddleware<C::Instant>>,
    spread: RandomState,
    clock: C,
}

impl<C: Clock> fmt::Debug for Limiter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("slots", &self.slots.len()).finish_non_exhaustive()
    }
}

impl<C: Clock + Clone> Limiter<C> {
    fn new(rate: Rate, clock: C) -> Self {
        #[expect(clippy::expect_used, reason = "the interval of a rate is never zero")]
        let quota = Quota::with_period(rate.interval()).expect("the interval is not zero");
        let slots = RateLimiter::dashmap_with_clock(quota.allow_burst(rate.burst()), clock.clone());
        Self { slots, spread: RandomState::new(), clock }
    }

    /// Takes one from what the network has left, or tells when there is one again.
    fn check(&self, network: Network) -> Result<(), Duration> {
        let [a, b, ..] = self.spread.hash_one(network).to_ne_bytes();
        let slot = u16::from_ne_bytes([a, b]);
        self.slots.check_key(&slot).map_err(|refused| refused.wait_time_from(self.clock.now()))
    }
}

/// The rate of `POST /auth/login` and of whatever else takes a password.
pub(crate) async fn login(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    limit(|limiters| &limiters.login, request, next).await
}

/// The rate of `POST /auth/signup`.
pub(crate) async fn signup(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    limit(|limiters| &limiters.signup, request, next).await
}

/// The rate of `POST /auth/refresh`.
pub(crate) async fn refresh(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    limit(|limiters| &limiters.refresh, request, next).await
}

/// The rate of `POST /oauth/token` and `POST /oauth/revoke`.
pub(crate) async fn token(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    limit(|limiters| &limiters.token, request, next).await
}

/// The rate of `POST /oauth/introspect`.
pub(crate) async fn introspect(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    limit(|limiters| &limiters.introspect, request, next).await
}

/// The rate of `GET /oauth/status-lists…`: a list may have to be signed.
pub(crate) async fn status_lists(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    limit(|limiters| &limiters.status_lists, request, next).await
}

/// Refuses before anything of the body is read. The refusal is a response and no error, so that whatever stands around
/// this treats it as any other answer.
async fn limit(
    of: impl FnOnce(&Limiters) -> &Limiter,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let origin = request.extensions().get::<RequestOrigin>().copied().unwrap_or_default();
    let limits = request.app_data::<Data<AppState>>().and_then(|state| state.rate_limits.0.as_ref());
    match limits.map_or(Ok(()), |limits| of(limits).check(origin.address.into())) {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(wait) => Ok(request.error_response(ApiError::TooManyRequests(wait))),
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn network(n: u32) -> Network {
        Network::from(Some(std::net::Ipv4Addr::from_bits(n).into()))
    }

    #[test]
    fn a_burst_is_let_through_and_then_as_many_as_the_rate_says() {
        let clock = FakeRelativeClock::default();
        let limiter = Limiter::new("3/6s".parse().unwrap(), clock.clone());
        for _ in 0..3 {
            assert_eq!(limiter.check(network(1)), Ok(()));
        }
        assert_eq!(limiter.check(network(1)), Err(Duration::from_secs(2)));
        clock.advance(Duration::from_millis(500));
        assert_eq!(limiter.check(network(1)), Err(Duration::from_millis(1500)), "a refusal costs nothing");
        clock.advance(Duration::from_millis(1500));
        assert_eq!(limiter.check(network(1)), Ok(()));
        assert_eq!(limiter.check(network(1)), Err(Duration::from_secs(2)));
        clock.advance(Duration::from_mins(1));
        assert_eq!(
            (0..10).filter(|_| limiter.check(network(1)).is_ok()).count(),
            3,
            "never more than the burst"
        );
    }

    #[test]
    fn networks_have_a_rate_each_and_memory_is_bounded() {
        let limiter = Limiter::new("1/1d".parse().unwrap(), FakeRelativeClock::default());
        let served = (0..200).filter(|n| limiter.check(network(*n)).is_ok()).count();
        assert!(served > 190, "{served} of 200 networks were served");
        for n in 0..300_000 {
            let _ = limiter.check(network(n));
        }
        assert!(limiter.slots.len() <= 1 << 16);
    }

    #[test]
    fn each_process_spreads_networks_differently() {
        let slot = |limiter: &Limiter| limiter.spread.hash_one(network(1)) & 0xffff;
        let slots: std::collections::HashSet<u64> =
            (0..50).map(|_| slot(&Limiter::new("1/1s".parse().unwrap(), DefaultClock::default()))).collect();
        assert!(slots.len() > 1);
    }
}
