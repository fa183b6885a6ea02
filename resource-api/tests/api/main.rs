//! The API over HTTP: a real server on a free port with a database of its own, called by clients named by who they are.
#![expect(clippy::unwrap_used, reason = "outside test functions too, a test that cannot go on must stop")]

mod cli;
mod cli_database;
mod confirmed_names;
mod cors;
mod database;
mod demo;
mod directory;
mod fake_auth;
mod follows;
mod keys;
mod listed_columns;
mod names;
mod openapi;
mod posts;
mod problems;
mod profiles;
mod support;
mod timeline;
mod timeline_model;
mod tokens;
mod well_known;
