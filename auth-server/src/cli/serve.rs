//! `auth-server serve`.

use actix_web::web::{self, Data};
use shared_claims::Clock;
use shared_service::{database::is_unique_violation, request::RequestOrigin, server};

use crate::{
    accounts::{NewUser, Roles, changes},
    app::{self, AppState},
    audit::{Actor, Event},
    config::Config,
    store::users,
};

/// Runs the server until SIGTERM or Ctrl-C.
pub(super) async fn run(config: Config) -> anyhow::Result<()> {
    let listener = server::bind(config.listen)?;
    let state = web::block(move || -> anyhow::Result<AppState> {
        let state = AppState::open(config, Clock::system())?;
        bootstrap(&state)?;
        Ok(state)
    })
    .await??;
    Ok(app::serve(Data::new(state), listener)?.await?)
}

/// Makes the first administrator, when the settings name one and there is no user at all.
fn bootstrap(state: &AppState) -> anyhow::Result<()> {
    let Some((username, password)) = state.config.bootstrap.admin().transpose()? else { return Ok(()) };
    if state.store.blocking_transaction::<_, anyhow::Error, _>(|c| Ok(users::any_exists(c)?))? {
        return Ok(());
    }
    if password.is_weak(&[username.as_str()]) {
        log::warn!("the first administrator's password is easy to guess; change it");
    }
    let name = username.as_str().to_owned();
    let hash = password.hash(state.config.passwords.bcrypt_cost)?;
    let now_ms = state.clock.now_ms();
    let user = NewUser { username, password, email: None }.into_row(
        state.ids.next(now_ms).to_string(),
        hash,
        now_ms / 1000,
    );
    let roles = Roles::parse(["admin".into(), "user".into()]).map_err(anyhow::Error::msg)?;
    let recorder = state.recorder(Actor::Server, RequestOrigin::default());
    let made = state.store.blocking_transaction::<_, anyhow::Error, _>(|c| {
        if users::any_exists(c)? {
            return Ok(false);
        }
        changes::add(c, &user, &roles, Event::UserCreated, &recorder)?;
        Ok(true)
    });
    // Another instance may have been quicker between our look and our insert.
    let taken = |error: &anyhow::Error| error.downcast_ref().is_some_and(is_unique_violation);
    let made = made.or_else(|error| if taken(&error) { Ok(false) } else { Err(error) })?;
    if made {
        log::info!("made the first administrator, {name}");
    }
    Ok(())
}
