//! auth-server from outside: a real server on a port of its own, with its own database, keys and clock.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod app;
mod cli;
mod cookies;
mod cors;
mod discovery;
mod envelope;
mod login;
mod logout;
mod oauth_token;
mod refresh;
mod signup;
mod user;
