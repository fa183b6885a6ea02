//! Posts, follows and timelines, protected by tokens that auth-server signs.
//!
//! `app` wires everything and holds the route table; a folder per feature holds one file per endpoint; `store` holds the
//! queries. Tokens are checked by the extractors of `shared-claims`, without asking auth-server; `directory` asks it for
//! users who have not called here yet.

#![warn(missing_docs)]

pub mod access;
pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod directory;
pub mod error;
pub mod follows;
pub mod health;
pub mod openapi;
pub mod posts;
pub mod profiles;
pub mod store;
pub mod timeline;
pub mod well_known;
