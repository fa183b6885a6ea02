//! auth-server from outside: a real server on a port of its own, with its own database, keys and clock.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account;
mod account_endpoints;
mod app;
mod cli;
mod cli_keys;
mod cookies;
mod cors;
mod discovery;
mod envelope;
mod keys;
mod liveness;
mod login;
mod logout;
mod oauth_token;
mod password_change;
mod published_list;
mod refresh;
mod restoring;
mod rotation;
mod sessions;
mod signup;
mod status_list_lifetime;
mod status_lists;
mod user;
