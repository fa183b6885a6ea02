//! The only place where things are wired: the state, the route table, the order of the middleware.

use std::net::TcpListener;

use actix_web::{
    dev::Server,
    web::{self, Data, ServiceConfig, resource},
};
use shared_claims::{Clock, Verifier};
use shared_service::{Ids, cors, database::Store, openapi::ApiDocument, server};

use crate::{
    config::Config, demo, directory::UserDirectory, follows, health, openapi, posts, profiles,
    store::MIGRATIONS, timeline, well_known,
};

/// What every request may use. Built once, handed down, never global.
#[derive(Debug)]
pub struct AppState {
    /// The settings.
    pub config: Config,
    /// The door to the database.
    pub store: Store,
    /// Checks tokens.
    pub verifier: Verifier,
    /// Knows the users that have not called here; `None` when this service is no client of auth-server.
    pub directory: Option<UserDirectory>,
    /// The time.
    pub clock: Clock,
    /// Makes ids.
    pub ids: Ids,
}

impl AppState {
    /// Reads the key file, if there is one, and opens the database, migrating it first. Blocks.
    pub fn open(config: Config, clock: Clock) -> anyhow::Result<Self> {
        let verifier = config.auth.verifier(clock.clone())?;
        let directory = UserDirectory::new(&config, clock.clone())?;
        if directory.is_none() {
            log::info!(
                "only users who have called here can be followed; to find the others, register a client with the scope \
                 users:read at auth-server and set API__SERVICE__CLIENT_ID and API__SERVICE__CLIENT_SECRET"
            );
        }
        for name in MIGRATIONS.run(&config.database.url)? {
            log::info!("migrated the database: {name}");
        }
        let store = Store::open(&config.database.url, config.database.pool_size)?;
        Ok(Self { config, store, verifier, directory, clock, ids: Ids::new() })
    }
}

/// Starts the server; it runs until SIGTERM or a handle stops it.
pub fn serve(state: Data<AppState>, listener: TcpListener) -> anyhow::Result<Server> {
    let document = ApiDocument::new(&openapi::document())?;
    server::serve("resource-api", listener, move |app| {
        document.routes(app);
        routes(app, &state);
    })
}

/// The route table. What is public to every origin comes first; the rest stands behind the allowlist of origins. CORS
/// is outermost there, so that errors carry its headers too and preflights need no token. The verifier stands by
/// itself because the extractors of shared-claims look for it.
fn routes(app: &mut ServiceConfig, state: &Data<AppState>) {
    let allowed = cors::allowlist(&state.config.cors.allowed_origins, false);
    app.app_data(state.clone())
        .app_data(Data::new(state.verifier.clone()))
        .service(
            resource("/.well-known/oauth-protected-resource")
                .wrap(cors::open())
                .get(well_known::protected_resource),
        )
        .service(
            web::scope("")
                .wrap(allowed)
                .service(resource("/").get(demo::service))
                .service(resource("/health/live").get(health::live))
                .service(resource("/health/ready").get(health::ready))
                .service(resource("/api/public").get(demo::public))
                .service(resource("/api/whoami").get(demo::whoami))
                .service(resource("/api/protected").get(demo::protected))
                .service(resource("/api/admin").get(demo::admin))
                .service(resource("/api/posts").post(posts::create))
                .service(resource("/api/posts/{id}").get(posts::read).delete(posts::delete))
                .service(resource("/api/timeline").get(timeline::timeline))
                .service(resource("/api/users/{username}").get(profiles::profile))
                .service(resource("/api/users/{username}/posts").get(profiles::user_posts))
                .service(resource("/api/users/{username}/followers").get(follows::followers))
                .service(resource("/api/users/{username}/following").get(follows::following))
                .service(
                    resource("/api/users/{username}/follow").put(follows::follow).delete(follows::unfollow),
                )
                .default_service(web::to(server::not_found)),
        );
}
