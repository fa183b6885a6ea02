//! The only place where things are wired: the state, the route table, the order of the middleware.

use std::net::TcpListener;

use actix_web::{
    dev::Server,
    web::{self, Data, ServiceConfig},
};
use shared_claims::{Clock, TokenRules};
use shared_service::{Ids, cors, database::Store, server};

use crate::{
    accounts::{self, Hasher},
    config::Config,
    health, oauth, purge,
    sessions::{self, SessionRules},
    store::{MIGRATIONS, statuses::Revocation, users},
    tokens::{KeyFolder, Keys, StatusIndices, StatusListRules, StatusLists, TokenIssuer},
    well_known,
};

/// What every request may use. Built once, handed down, never global.
#[derive(Debug)]
pub struct AppState {
    /// The settings.
    pub config: Config,
    /// The door to the database.
    pub store: Store,
    /// The keys in use.
    pub keys: Keys,
    /// Makes access tokens.
    pub issuer: TokenIssuer,
    /// Reserves places in status lists.
    pub status_indices: StatusIndices,
    /// Publishes status lists.
    pub status_lists: StatusLists,
    /// What an access token must be for our own endpoints.
    pub own_tokens: TokenRules,
    /// How long sessions live.
    pub session_rules: SessionRules,
    /// The password hashing threads.
    pub hasher: Hasher,
    /// The time.
    pub clock: Clock,
    /// Makes ids.
    pub ids: Ids,
}

impl AppState {
    /// Opens the database (migrating it first) and the keys, and starts the hashing threads. Blocks.
    pub fn open(config: Config, clock: Clock) -> anyhow::Result<Self> {
        for name in MIGRATIONS.run(&config.database.url)? {
            log::info!("migrated the database: {name}");
        }
        let store = Store::open(&config.database.url, config.database.pool_size)?;
        let highest_hash =
            store.blocking_transaction::<_, anyhow::Error, _>(|c| Ok(users::highest_hash(c)?))?;
        let keys = Keys::open(KeyFolder::open(&config.keys.dir)?, config.rotation(), clock.clone())?;
        let issuer = config.issuer.as_str();
        let rules = StatusListRules {
            issuer: issuer.to_owned(),
            ttl: *config.status_list.ttl,
            lifetime: config.status_list_lifetime(),
            tokens_are_taken_for: config.tokens_are_taken_for(),
        };
        Ok(Self {
            status_lists: StatusLists::new(store.clone(), keys.clone(), clock.clone(), rules),
            store,
            keys,
            issuer: TokenIssuer::new(
                issuer,
                *config.tokens.access_ttl,
                &config.tokens.audience,
                config.roles.clone(),
            ),
            status_indices: StatusIndices::default(),
            own_tokens: TokenRules::new(issuer, issuer).clock(clock.clone()),
            session_rules: config.session_rules(),
            hasher: Hasher::start(config.passwords.bcrypt_cost, highest_hash.as_deref())?,
            clock,
            ids: Ids::new(),
            config,
        })
    }

    /// How the tokens of whatever ends now are revoked.
    pub fn revocation(&self) -> Revocation {
        self.config.revocation(self.clock.now_secs())
    }
}

/// Starts the server; it runs until SIGTERM or a handle stops it.
pub fn serve(state: Data<AppState>, listener: TcpListener) -> anyhow::Result<Server> {
    actix_web::rt::spawn(state.keys.clone().reread_on_a_timer());
    actix_web::rt::spawn(purge::purge_on_a_timer(state.clone(), purge::PURGE_EVERY));
    server::serve("auth-server", listener, move |app| routes(app, &state))
}

/// The route table. What is public to every origin comes first; the rest stands behind the allowlist of origins, with
/// credentials, and CORS is outermost there, so that errors carry its headers too and preflights need no token.
fn routes(app: &mut ServiceConfig, state: &Data<AppState>) {
    let allowed = cors::allowlist(&state.config.cors.allowed_origins, true);
    app.app_data(state.clone())
        .service(web::resource("/.well-known/jwks.json").wrap(cors::open()).get(well_known::jwks))
        .service(
            web::resource("/.well-known/oauth-authorization-server")
                .wrap(cors::open())
                .get(well_known::metadata),
        )
        .service(oauth::status_list_routes().wrap(cors::open()))
        .service(
            web::scope("")
                .wrap(allowed)
                .service(web::resource("/").get(well_known::service))
                .service(web::resource("/health/live").get(health::live))
                .service(web::resource("/health/ready").get(health::ready))
                .service(web::resource("/auth/signup").post(accounts::signup))
                .service(web::resource("/auth/login").post(accounts::login))
                .service(web::resource("/auth/refresh").post(accounts::refresh))
                .service(web::resource("/auth/logout").post(accounts::logout))
                .service(web::resource("/auth/logout-all").post(accounts::logout_all))
                .service(
                    web::resource("/auth/user")
                        .get(accounts::user)
                        .patch(accounts::change_email)
                        .delete(accounts::delete),
                )
                .service(web::resource("/auth/user/password").put(accounts::change_password))
                .service(web::resource("/auth/sessions").get(sessions::list))
                .service(web::resource("/auth/sessions/{id}").delete(sessions::end))
                .service(oauth::routes())
                .default_service(web::to(server::not_found)),
        );
}
