//! auth-server from outside: a real server on a port of its own, with its own database, keys and clock.

mod app;
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
