//! The rows of the table: which requests, to whom, and what they are compared with.

#![expect(
    clippy::unnecessary_wraps,
    reason = "rows are all made in one way, and some have to ask for something first"
)]

mod passwords;
mod protected;
mod public;
mod tokens;

use anyhow::Result;

pub(crate) use self::{
    public::{JWKS, first_status_list},
    tokens::client_credentials_request,
};

use crate::{
    limits::Part,
    load::Client,
    measure::{Limit, Load},
    process::Process,
    world::World,
};

/// One row.
#[derive(Debug)]
pub(crate) struct Row {
    /// How it is chosen on the command line.
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    server: Server,
    limits: &'static [Limit],
    clients: fn(&World) -> Result<Vec<Client>>,
}

#[derive(Clone, Copy, Debug)]
enum Server {
    Auth,
    /// The one whose chains advance with each refresh.
    Strict,
    Api,
}

impl Row {
    /// Makes what its requests need, and the requests.
    pub(crate) fn load<'w>(&self, world: &'w World) -> Result<Load<'w>> {
        let server: &Process = match self.server {
            Server::Auth => &world.auth,
            Server::Strict => &world.strict,
            Server::Api => &world.api,
        };
        let clients = (self.clients)(world)?;
        Ok(Load { server, databases: &world.databases, clients, limits: self.limits })
    }
}

const BARE: &[Limit] = &[Limit::Cpu(&[Part::Bare])];
const SIGN: &[Limit] = &[Limit::Cpu(&[Part::Sign])];
const VERIFY: &[Limit] = &[Limit::Cpu(&[Part::Verify, Part::Bare])];
const BCRYPT: &[Limit] = &[Limit::Cpu(&[Part::Bcrypt])];

/// In the order in which they are measured: what fills the tables comes last.
pub(crate) const ALL: [Row; 16] = [
    Row { name: "root", what: "GET /", server: Server::Auth, limits: BARE, clients: public::root },
    Row {
        name: "jwks",
        what: "GET /.well-known/jwks.json",
        server: Server::Auth,
        limits: BARE,
        clients: public::jwks,
    },
    Row {
        name: "jwks-304",
        what: "the same, not modified",
        server: Server::Auth,
        limits: BARE,
        clients: public::jwks_not_modified,
    },
    Row {
        name: "status-list",
        what: "GET /oauth/status-lists/N, none revoked",
        server: Server::Auth,
        limits: BARE,
        clients: public::status_list,
    },
    Row {
        name: "status-list-10000",
        what: "the same, 10,000 revoked",
        server: Server::Auth,
        limits: BARE,
        clients: public::full_status_list,
    },
    Row {
        name: "protected",
        what: "GET /api/protected, one token",
        server: Server::Api,
        limits: VERIFY,
        clients: protected::one_token,
    },
    Row {
        name: "protected-many",
        what: "the same, 2000 tokens",
        server: Server::Api,
        limits: VERIFY,
        clients: protected::many_tokens,
    },
    Row {
        name: "client-credentials",
        what: "POST /oauth/token, client_credentials",
        server: Server::Auth,
        limits: SIGN,
        clients: tokens::client_credentials,
    },
    Row {
        name: "refresh-repeated",
        what: "POST /auth/refresh in the grace",
        server: Server::Auth,
        limits: SIGN,
        clients: tokens::refresh_repeated,
    },
    Row {
        name: "refresh",
        what: "POST /auth/refresh, chain advanced",
        server: Server::Strict,
        limits: &[Limit::Cpu(&[Part::Sign]), Limit::Seen(Part::Update)],
        clients: tokens::refresh,
    },
    Row {
        name: "introspect",
        what: "POST /oauth/introspect",
        server: Server::Auth,
        limits: &[Limit::Cpu(&[Part::Verify, Part::Bare, Part::Read, Part::Read])],
        clients: tokens::introspect,
    },
    Row {
        name: "timeline",
        what: "GET /api/timeline, following 20",
        server: Server::Api,
        limits: &[Limit::Cpu(&[Part::Verify, Part::Bare, Part::Read, Part::Read])],
        clients: protected::timeline,
    },
    Row {
        name: "post",
        what: "POST /api/posts",
        server: Server::Api,
        limits: &[
            Limit::Cpu(&[Part::Verify, Part::Bare, Part::Read, Part::Insert]),
            Limit::Seen(Part::Insert),
        ],
        clients: protected::post,
    },
    Row {
        name: "login",
        what: "POST /auth/login, right password",
        server: Server::Auth,
        limits: BCRYPT,
        clients: passwords::login,
    },
    Row {
        name: "login-unknown",
        what: "POST /auth/login, unknown user",
        server: Server::Auth,
        limits: BCRYPT,
        clients: passwords::login_unknown,
    },
    Row {
        name: "signup",
        what: "POST /auth/signup",
        server: Server::Auth,
        limits: BCRYPT,
        clients: passwords::signup,
    },
];
