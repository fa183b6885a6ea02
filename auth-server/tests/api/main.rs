//! auth-server from outside: a real server on a port of its own, with its own database, keys and clock.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account;
mod account_endpoints;
mod admin_audit;
mod admin_clients;
mod admin_keys;
mod admin_users;
mod app;
mod audit;
mod backoff;
mod cli;
mod cli_client_files;
mod cli_clients;
mod cli_database;
mod cli_keys;
mod cookies;
mod cors;
mod discovery;
mod envelope;
mod keys;
mod limits;
mod liveness;
mod login;
mod logout;
mod oauth;
mod oauth_introspect;
mod oauth_revoke;
mod oauth_token;
mod oauth_token_service;
mod openapi;
mod password_change;
mod proxies;
mod published_list;
mod refresh;
mod restoring;
mod rotation;
mod sessions;
mod signup;
mod status_list_lifetime;
mod status_lists;
mod user;
mod users_lookup;
