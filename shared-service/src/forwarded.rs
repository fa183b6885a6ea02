//! The hops that proxies tell of, the nearest first: `Forwarded` (RFC 7239) and `X-Forwarded-For`.
//!
//! Both are read from the right, because only what the nearest proxy has appended is known to be well-formed: what a
//! client has sent stands to the left of it and must not change how it is read.

use std::{iter, net::IpAddr};

use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The longest text of a hop that is looked at, in bytes.
const MAX_HOP: usize = 1024;

/// Whether a request says that somebody handed it on.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(FORWARDED) || headers.contains_key(X_FORWARDED_FOR)
}

/// The hops of `Forwarded`; `None` is one without an address.
pub(crate) fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    elements(headers, FORWARDED).map(|element| forwarded_for(element?))
}

/// The hops of `X-Forwarded-For`; `None` is one without an address.
pub(crate) fn x_forwarded_for(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    elements(headers, X_FORWARDED_FOR).map(|element| node(element?))
}

/// The elements of a list header, the last of its last line first; `None` where a line or an element cannot be read.
fn elements(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = Option<&str>> {
    let lines: Vec<_> = headers.get_all(name).collect();
    lines.into_iter().rev().flat_map(|line| {
        let mut rest = Some(line.to_str());
        iter::from_fn(move || {
            let Ok(text) = rest.take()? else { return Some(None) };
            let (before, last) = split_last(text);
            rest = before.map(Ok);
            Some((last.len() <= MAX_HOP).then_some(last.trim_matches([' ', '\t'])))
        })
    })
}

/// What stands before the last comma outside quotes, if there is one, and what stands behind it.
fn split_last(text: &str) -> (Option<&str>, &str) {
    let bytes = text.as_bytes();
    let mut quoted = false;
    for at in (0..bytes.len()).rev() {
        match bytes[at] {
            b'"' if !(quoted && is_escaped(&bytes[..at])) => quoted = !quoted,
            b',' if !quoted => return (Some(&text[..at]), &text[at + 1..]),
            _ => {}
        }
    }
    (None, text)
}

/// Whether what follows is escaped: an odd number of backslashes stands before it.
fn is_escaped(before: &[u8]) -> bool {
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// The address in the one `for` of an element: `for=192.0.2.60;proto=http`, `for="[2001:db8::1]:4711"`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let (mut rest, mut found) = (element, None);
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = value(after)?;
        if name.trim().eq_ignore_ascii_case("for") && found.replace(node(&value)?).is_some() {
            return None;
        }
        match after.trim_start().strip_prefix(';') {
            Some(next) => rest = next,
            None if after.trim().is_empty() => return found,
            None => return None,
        }
    }
}

/// A token or a quoted string, and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ' ', '\t']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let (mut value, mut chars) = (String::new(), quoted.char_indices());
    loop {
        match chars.next()? {
            (at, '"') => return Some((value, &quoted[at + 1..])),
            (_, '\\') => value.push(chars.next()?.1),
            (_, char) => value.push(char),
        }
    }
}

/// The address of a node (RFC 7239 §6), with or without a port: `192.0.2.60`, `192.0.2.60:80`, `2001:db8::1`,
/// `[2001:db8::1]`, `[2001:db8::1]:80`. IPv4 that is mapped into IPv6 is IPv4.
fn node(text: &str) -> Option<IpAddr> {
    let address = match text.strip_prefix('[') {
        Some(bracketed) => {
            let (address, port) = bracketed.split_once(']')?;
            let port_is_good = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
            IpAddr::V6(address.parse().ok().filter(|_| port_is_good)?)
        }
        None => match text.split_once(':') {
            Some((address, port)) if is_port(port) => IpAddr::V4(address.parse().ok()?),
            _ => text.parse().ok()?,
        },
    };
    Some(address.to_canonical())
}

/// A port is a number or a pseudonym.
fn is_port(text: &str) -> bool {
    let of_pseudonym = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    match text.strip_prefix('_') {
        Some(pseudonym) => !pseudonym.is_empty() && pseudonym.bytes().all(of_pseudonym),
        None => (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()),
    }
}
