//! What counts as one place to ask from.

use std::net::{IpAddr, Ipv6Addr};

/// The bits of an IPv6 address that differ within its /64.
const HOST_BITS: u128 = u64::MAX as u128;

/// An IPv4 address, or the /64 of an IPv6 address: whoever has one address of it has all of them. Connections without
/// an address, as through a Unix socket, are all one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(Option<IpAddr>);

impl Network {
    /// The bytes that tell this network from every other. The first one tells how many follow.
    pub(super) fn bytes(self) -> Vec<u8> {
        match self.0 {
            None => vec![0],
            Some(IpAddr::V4(address)) => [&[4], &address.octets()[..]].concat(),
            Some(IpAddr::V6(address)) => [&[6], &address.octets()[..]].concat(),
        }
    }
}

impl From<Option<IpAddr>> for Network {
    fn from(address: Option<IpAddr>) -> Self {
        Self(address.map(|address| match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !HOST_BITS).into(),
            address @ IpAddr::V4(_) => address,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> Network {
        Network::from(Some(address.parse().unwrap()))
    }

    #[test]
    fn neighbours_in_one_64_are_one_and_ipv4_addresses_are_each_their_own() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assert_ne!(network("0.0.0.0"), Network::from(None));
        assert_ne!(network("192.0.2.1").bytes(), network("192.0.2.2").bytes());
    }
}
