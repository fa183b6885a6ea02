//! The only place where things are wired: the state, the route table, the order of the middleware.

use std::net::TcpListener;

use actix_web::{
    dev::Server,
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};
use shared_claims::{Clock, TokenRules};
use shared_service::{Ids, cors, database::Store, openapi::ApiDocument, request::RequestOrigin, server};

use crate::{
    accounts::{self, Hasher},
    admin,
    audit::{Actor, Recorder},
    config::Config,
    health, key_audit,
    limits::{self, RateLimits, Turns},
    oauth, openapi, purge,
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
    /// Who may try a password now.
    pub turns: Turns,
    /// The password hashing threads.
    pub hasher: Hasher,
    /// How often one address may ask.
    pub rate_limits: RateLimits,
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
            rate_limits: RateLimits::new(&config.limits),
            turns: Turns::default(),
            clock,
            ids: Ids::new(),
            config,
        })
    }

    /// How the tokens of whatever ends now are revoked.
    pub fn revocation(&self) -> Revocation {
        self.config.revocation(self.clock.now_secs())
    }

    /// Writes to the audit trail what `actor` does by this request.
    pub fn recorder(&self, actor: Actor, origin: RequestOrigin) -> Recorder {
        Recorder::new(&self.ids, self.clock.now_ms(), actor, origin)
    }
}

/// Starts the server; it runs until SIGTERM or a handle stops it.
pub fn serve(state: Data<AppState>, listener: TcpListener) -> anyhow::Result<Server> {
    actix_web::rt::spawn(state.keys.clone().reread_on_a_timer());
    actix_web::rt::spawn(key_audit::record_scheduled(state.clone()));
    actix_web::rt::spawn(purge::purge_on_a_timer(state.clone(), purge::PURGE_EVERY));
    let description = ApiDocument::new(&openapi::document())?;
    server::serve("auth-server", listener, move |app| routes(app, &state, &description))
}

/// The route table. What is public to every origin comes first; the rest stands behind the allowlist of origins, with
/// credentials, and CORS is outermost there, so that errors carry its headers too and preflights need no token. Rates per
/// address stand inside CORS and outside all else.
fn routes(app: &mut ServiceConfig, state: &Data<AppState>, description: &ApiDocument) {
    let allowed = cors::allowlist(&state.config.cors.allowed_origins, true);
    app.app_data(state.clone())
        .app_data(state.config.trusted_proxies.clone())
        .service(web::resource("/.well-known/jwks.json").wrap(cors::open()).get(well_known::jwks))
        .service(
            web::resource("/.well-known/oauth-authorization-server")
                .wrap(cors::open())
                .get(well_known::metadata),
        )
        .service(oauth::status_list_routes().wrap(cors::open()))
        .configure(|app| description.routes(app))
        .service(
            web::scope("")
                .wrap(allowed)
                .service(web::resource("/").get(well_known::service))
                .service(web::resource("/health/live").get(health::live))
                .service(web::resource("/health/ready").get(health::ready))
                .service(
                    web::resource("/auth/signup")
                        .route(web::post().to(accounts::signup).wrap(from_fn(limits::signup))),
                )
                .service(
                    web::resource("/auth/login")
                        .route(web::post().to(accounts::login).wrap(from_fn(limits::login))),
                )
                .service(
                    web::resource("/auth/refresh")
                        .route(web::post().to(accounts::refresh).wrap(from_fn(limits::refresh))),
                )
                .service(web::resource("/auth/logout").post(accounts::logout))
                .service(web::resource("/auth/logout-all").post(accounts::logout_all))
                .service(
                    web::resource("/auth/user")
                        .get(accounts::user)
                        .route(web::patch().to(accounts::change_email).wrap(from_fn(limits::login)))
                        .route(web::delete().to(accounts::delete).wrap(from_fn(limits::login))),
                )
                .service(
                    web::resource("/auth/user/password")
                        .route(web::put().to(accounts::change_password).wrap(from_fn(limits::login))),
                )
                .service(web::resource("/auth/sessions").get(sessions::list))
                .service(web::resource("/auth/sessions/{id}").delete(sessions::end))
                .service(web::resource("/users").get(accounts::find_users))
                .service(oauth::routes())
                // An endpoint in here cannot forget to ask who calls.
                .service(
                    web::scope("/admin")
                        .wrap(from_fn(admin::administrators_only))
                        .configure(administration)
                        .default_service(web::to(server::not_found)),
                )
                .default_service(web::to(server::not_found)),
        );
}

/// What stands under `/admin`.
fn administration(app: &mut ServiceConfig) {
    app.service(web::resource("/users").get(admin::list_users).post(admin::add_user))
        .service(
            web::resource("/users/{id}")
                .get(admin::user)
                .patch(admin::change_user)
                .delete(admin::delete_user),
        )
        .service(web::resource("/users/{id}/sessions").get(admin::list_sessions).delete(admin::end_sessions))
        .service(web::resource("/keys").get(admin::list_keys))
        .service(web::resource("/keys/rotate").post(admin::rotate_keys))
        .service(web::resource("/audit").get(admin::audit))
        .service(web::resource("/clients").get(admin::clients::list).post(admin::clients::add))
        .service(
            web::resource("/clients/{client_id}")
                .get(admin::clients::one)
                .patch(admin::clients::change)
                .delete(admin::clients::remove),
        )
        .service(
            web::resource("/clients/{client_id}/secret")
                .post(admin::clients::add_secret)
                .delete(admin::clients::end_older_secret),
        );
}
