//! auth-server: keeps users, signs tokens, publishes what others need to check them.
//!
//! The program is [`cli::run`]. The rest is public for the tests that run a real server inside their own process.

pub mod access;
pub mod accounts;
mod admin;
pub mod app;
pub mod audit;
pub mod cli;
pub mod clients;
pub mod config;
pub mod error;
mod health;
mod key_audit;
pub mod limits;
pub mod oauth;
pub mod openapi;
pub mod purge;
pub mod sessions;
pub mod store;
pub mod tokens;
mod well_known;
