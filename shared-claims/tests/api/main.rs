//! The crate from outside: tokens, key sets over real HTTP, and handlers behind a real server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod extractors;
mod forgeries;
mod key_sets;
mod mutations;
mod remote_keys;
mod revocation;
mod revocation_outages;
mod revocation_refusals;
mod stalled;
mod status_lists;
mod support;
mod token_rules;
mod token_source;
mod token_source_failures;
mod unknown_keys;
