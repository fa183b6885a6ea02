use actix_web::http::header::{HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;

const PEER: &str = "10.0.0.7";

fn proxies(list: &str) -> TrustedProxies {
    list.split(',').map(|entry| entry.parse().unwrap()).collect::<Vec<TrustedProxy>>().into()
}

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    headers
}

/// Whom a request is taken to come from that the proxy 10.0.0.7 hands on.
fn client(lines: &[(&'static str, &str)]) -> String {
    proxies("10.0.0.0/8,2001:db8:ffff::/48")
        .client_address(PEER.parse().unwrap(), &headers(lines))
        .to_string()
}

fn forwarded(value: &str) -> String {
    client(&[("forwarded", value)])
}

fn x_forwarded_for(value: &str) -> String {
    client(&[("x-forwarded-for", value)])
}

#[test]
fn a_peer_that_is_not_trusted_is_the_client_whatever_it_claims() {
    let claims = headers(&[("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1")]);
    for list in ["10.0.0.8", "10.1.0.0/16", "::/1"] {
        assert_eq!(proxies(list).client_address(PEER.parse().unwrap(), &claims).to_string(), PEER, "{list}");
    }
    assert_eq!(TrustedProxies::default().client_address(PEER.parse().unwrap(), &claims).to_string(), PEER);
}

#[test]
fn the_nearest_address_that_is_no_trusted_proxy_is_the_client() {
    for (value, expected) in [
        ("192.0.2.1", "192.0.2.1"),
        ("198.51.100.9, 192.0.2.1", "192.0.2.1"),
        ("198.51.100.9,192.0.2.1,10.1.1.1 , 2001:db8:ffff::5", "192.0.2.1"),
        ("10.2.2.2, 10.1.1.1", "10.2.2.2"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1, ::ffff:10.1.1.1", "192.0.2.1"),
    ] {
        assert_eq!(x_forwarded_for(value), expected, "{value}");
    }
    for (value, expected) in [
        ("for=192.0.2.1", "192.0.2.1"),
        ("For=192.0.2.1;proto=https;by=203.0.113.43", "192.0.2.1"),
        ("by=\"a,b;for=1.2.3.4\";FOR=\"192.0.2.1:80\"", "192.0.2.1"),
        ("for=198.51.100.9, for=\"[2001:db8::1]:4711\", for=10.1.1.1", "2001:db8::1"),
        ("for=\"[2001:db8::1]:_hidden\"", "2001:db8::1"),
        ("for=\"192.0.2.\\1\"", "192.0.2.1"),
        ("for=192.0.2.1;host=\"\\\", for=198.51.100.9\"", "192.0.2.1"),
        ("for=192.0.2.1;host=\"x, for=198.51.100.9\"", "192.0.2.1"),
        ("for=192.0.2.1;host=\"x, for=198.51.100.9\\\"\"", "192.0.2.1"),
        ("for=\"", PEER),
        ("for=\", for=192.0.2.1", "192.0.2.1"),
        ("\"\\, for=192.0.2.1", "192.0.2.1"),
    ] {
        assert_eq!(forwarded(value), expected, "{value}");
    }
}

#[test]
fn several_lines_of_a_header_are_one_list() {
    let lines = [("x-forwarded-for", "198.51.100.9"), ("x-forwarded-for", "192.0.2.1, 10.1.1.1")];
    assert_eq!(client(&lines), "192.0.2.1");
    let lines = [("forwarded", "for=\""), ("forwarded", "for=192.0.2.1"), ("forwarded", "for=10.1.1.1")];
    assert_eq!(client(&lines), "192.0.2.1");
}

#[test]
fn a_hop_that_cannot_be_read_ends_the_walk_at_the_one_before() {
    let bad = [
        "",
        "unknown",
        "_hidden",
        "192.0.2",
        "192.0.2.1:",
        "192.0.2.1:123456",
        "192.0.2.1 x",
        "[2001:db8::1",
        "[192.0.2.1]",
        "[2001:db8::1]x",
        "fe80::1%eth0",
        "localhost",
    ];
    for hop in bad {
        assert_eq!(x_forwarded_for(hop), PEER, "{hop}");
        assert_eq!(x_forwarded_for(&format!("192.0.2.1, {hop}, 10.1.1.1")), "10.1.1.1", "{hop}");
        assert_eq!(forwarded(&format!("for=192.0.2.1, for=\"{hop}\", for=10.1.1.1")), "10.1.1.1", "{hop}");
    }
    let bad = [
        "proto=http",
        "for",
        "for=192.0.2.1;for=192.0.2.2",
        "for=\"192.0.2.1\"x",
        "for=192.0.2.1;",
        "=",
        "for=192.0.2.1 by=x",
        "fort=192.0.2.1",
        "for=\"192.0.2.1\\",
    ];
    for element in bad {
        assert_eq!(forwarded(&format!("{element}, for=10.1.1.1")), "10.1.1.1", "{element}");
    }
    let mut unreadable = headers(&[]);
    unreadable.append(
        HeaderName::from_static("x-forwarded-for"),
        HeaderValue::from_bytes(b"\xff, 192.0.2.1").unwrap(),
    );
    assert_eq!(proxies(PEER).client_address(PEER.parse().unwrap(), &unreadable).to_string(), PEER);
}

#[test]
fn headers_that_disagree_are_both_disbelieved() {
    assert_eq!(client(&[("forwarded", "for=192.0.2.1"), ("x-forwarded-for", "192.0.2.1")]), "192.0.2.1");
    assert_eq!(client(&[("forwarded", "for=192.0.2.1"), ("x-forwarded-for", "192.0.2.2")]), PEER);
    assert_eq!(client(&[("forwarded", "for=unknown"), ("x-forwarded-for", "192.0.2.1")]), PEER);
}

#[test]
fn a_chain_without_end_is_not_followed() {
    let hops = vec!["10.1.1.1"; 40].join(",");
    assert_eq!(x_forwarded_for(&format!("192.0.2.1,{hops}")), "10.1.1.1");
    let long = format!("192.0.2.1, {}", " ".repeat(5000));
    assert_eq!(x_forwarded_for(&long), PEER);
}

#[test]
fn mapped_ipv4_is_ipv4() {
    let list = proxies("::ffff:10.0.0.0/104");
    assert_eq!(list.networks, proxies("10.0.0.0/8").networks);
    let told = headers(&[("x-forwarded-for", "192.0.2.1")]);
    assert_eq!(list.client_address("::ffff:10.0.0.7".parse().unwrap(), &told).to_string(), "192.0.2.1");
    let unknown = TrustedProxies::default();
    assert_eq!(unknown.client_address("::ffff:10.0.0.7".parse().unwrap(), &told).to_string(), "10.0.0.7");
}

#[test]
fn proxies_are_addresses_or_networks_and_never_everybody() {
    for bad in ["", "proxy", "10.0.0.0/33", "10.0.0.7/8", "0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96", "*"] {
        let refusal = bad.parse::<TrustedProxy>().unwrap_err();
        assert!(refusal.contains(&format!("\"{bad}\"")) && refusal.contains("write"), "{refusal}");
    }
    for good in ["10.0.0.7", "10.0.0.0/8", "2001:db8::/32", "::1"] {
        assert_eq!(good.parse::<TrustedProxy>().unwrap().to_string(), good);
    }
}

proptest! {
    #[test]
    fn no_header_makes_the_parser_panic(
        forwarded in proptest::collection::vec("[ -~\t]{0,80}", 0..3),
        likely in proptest::collection::vec("[for=\"\\\\,; \\[\\]:0-9.]{0,60}", 0..3),
    ) {
        let mut headers = HeaderMap::new();
        for line in forwarded.iter().chain(&likely) {
            let value = HeaderValue::from_str(line).unwrap();
            headers.append(HeaderName::from_static("forwarded"), value.clone());
            headers.append(HeaderName::from_static("x-forwarded-for"), value);
        }
        let peer: IpAddr = PEER.parse().unwrap();
        proxies(PEER).client_address(peer, &headers);
        // And nothing that a stranger sends counts.
        prop_assert_eq!(proxies("10.0.0.8").client_address(peer, &headers), peer);
    }

    #[test]
    fn what_a_client_sends_never_changes_what_the_proxy_appends(sent in "[for=\"\\\\,; \\[\\]:0-9.a-z]{0,60}") {
        let appended = format!("{sent}, for=192.0.2.1;host=\"x\"");
        prop_assert_eq!(forwarded(&appended), "192.0.2.1");
        prop_assert_eq!(x_forwarded_for(&format!("{sent}, 192.0.2.1")), "192.0.2.1");
    }
}
