//! Whose request it is: the peer, or, where the peer is a proxy that is trusted, the address that the proxy tells in
//! `Forwarded` (RFC 7239) or `X-Forwarded-For`.

use std::{
    fmt,
    net::IpAddr,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::{dev::ServiceRequest, http::header::HeaderMap};
use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{config::List, forwarded};

/// How far back a request is traced. No chain of proxies is longer; what a stranger sends may be.
const MAX_HOPS: usize = 32;

/// The bits of an IPv6 address before an IPv4 address that is mapped into it.
const MAPPED_PREFIX: u8 = 96;

/// A proxy, or a network of proxies, as a setting: `10.0.0.7`, `10.0.0.0/8`, `2001:db8::/32`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedProxy(IpNet);

impl TrustedProxy {
    /// Whether this address is one of them. Takes canonical addresses: IPv4 that is mapped into IPv6 is IPv4.
    fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl FromStr for TrustedProxy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        let network = network.map_err(|_| {
            format!("\"{text}\" is neither an address nor a network; write such as 10.0.0.7 or 10.0.0.0/8")
        })?;
        if network != network.trunc() {
            return Err(format!("\"{text}\" is no network; write {}", network.trunc()));
        }
        let network = canonical(network);
        if network.prefix_len() == 0 {
            return Err(format!(
                "\"{text}\" would let everybody claim any address; write the addresses of the proxies, such as \
                 10.0.0.7 or 10.0.0.0/8"
            ));
        }
        Ok(Self(network))
    }
}

/// IPv4 networks that are mapped into IPv6 are IPv4 networks.
fn canonical(network: IpNet) -> IpNet {
    let mapped = || {
        let IpNet::V6(v6) = network else { return None };
        let bits = v6.prefix_len().checked_sub(MAPPED_PREFIX)?;
        Ipv4Net::new(v6.network().to_ipv4_mapped()?, bits).ok()
    };
    mapped().map_or(network, IpNet::V4)
}

impl fmt::Display for TrustedProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() { self.0.addr().fmt(f) } else { self.0.fmt(f) }
    }
}

/// The proxies whose word on where a request comes from counts. Nobody, by default. Found in the app data.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies {
    networks: Vec<TrustedProxy>,
    told: Arc<Told>,
}

/// What is logged once, because strangers can cause it as often as they like.
#[derive(Debug, Default)]
struct Told {
    of_claims: Once,
    of_disagreement: Once,
}

#[derive(Debug, Default)]
struct Once(AtomicBool);

impl Once {
    fn warn(&self, text: impl FnOnce() -> String) {
        if !self.0.swap(true, Ordering::Relaxed) {
            log::warn!("{}", text());
        }
    }
}

impl From<Vec<TrustedProxy>> for TrustedProxies {
    fn from(networks: Vec<TrustedProxy>) -> Self {
        Self { networks, told: Arc::default() }
    }
}

impl<'de> Deserialize<'de> for TrustedProxies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(List::deserialize(deserializer)?.to_vec().into())
    }
}

impl Serialize for TrustedProxies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.networks.iter().copied().collect::<List<_>>().serialize(serializer)
    }
}

impl TrustedProxies {
    fn contain(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|proxy| proxy.contains(address))
    }

    /// The address of whoever sent a request that came from `peer` with these headers.
    ///
    /// A peer that is not trusted is the client, whatever it claims. Otherwise the hops are walked from the nearest,
    /// which a trusted proxy wrote, to the first that is no trusted proxy. What stands beyond was written by strangers
    /// and is not looked at. A hop without an address (`unknown`, a pseudonym, nonsense) ends the walk at the one before.
    ///
    /// With both headers in disagreement it is the peer: a proxy that sets one of them passes a client's other one on,
    /// and nobody can tell which.
    pub fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.contain(peer) {
            if forwarded::is_forwarded(headers) {
                self.told.of_claims.warn(|| {
                    format!(
                        "{peer} hands on requests of others, or claims to, and is no trusted proxy: they count as its \
                         own. If it is yours, name it in the setting trusted_proxies"
                    )
                });
            }
            return peer;
        }
        let forwarded = self.walk(peer, forwarded::forwarded(headers));
        let x_forwarded_for = self.walk(peer, forwarded::x_forwarded_for(headers));
        match (forwarded, x_forwarded_for) {
            (Some(told), None) | (None, Some(told)) => told,
            (Some(told), Some(same)) if told == same => told,
            (Some(_), Some(_)) => {
                self.told.of_disagreement.warn(|| {
                    format!(
                        "Forwarded and X-Forwarded-For of a request from {peer} disagree, so it counts as the proxy's: \
                         let the proxy delete the one that it does not set"
                    )
                });
                peer
            }
            (None, None) => peer,
        }
    }

    /// The first address that is no trusted proxy's, or the last there is. `None` without any hop.
    fn walk(&self, peer: IpAddr, hops: impl Iterator<Item = Option<IpAddr>>) -> Option<IpAddr> {
        let mut hops = hops.take(MAX_HOPS).peekable();
        hops.peek()?;
        let mut nearest = peer;
        for hop in hops {
            let Some(address) = hop else { break };
            nearest = address;
            if !self.contain(address) {
                break;
            }
        }
        Some(nearest)
    }
}

/// The address of whoever sent this request, by the [`TrustedProxies`] of the app. `None` when the connection has none,
/// as a Unix socket.
pub(crate) fn of(request: &ServiceRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    Some(match request.app_data::<TrustedProxies>() {
        Some(proxies) => proxies.client_address(peer, request.headers()),
        None => peer.to_canonical(),
    })
}

#[cfg(test)]
#[path = "client_address_tests.rs"]
mod tests;
