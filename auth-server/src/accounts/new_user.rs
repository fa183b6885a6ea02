//! A user to be made, whoever makes him.

use shared_service::{FieldError, database::is_unique_violation, request::RequestOrigin};

use super::{Password, Roles, Username, changes};
use crate::{
    app::AppState,
    audit::{Actor, Event},
    error::ApiError,
    store::users::{self, User, UserWithRoles},
};

/// The longest address that mail can be sent to (RFC 5321 §4.5.3.1.3, without the angle brackets).
const MAX_EMAIL: usize = 254;

/// A user to be made, checked.
#[derive(Debug)]
pub struct NewUser {
    /// His name.
    pub username: Username,
    /// His password.
    pub password: Password,
    /// His address.
    pub email: Option<String>,
}

impl NewUser {
    /// Checks the input and names every fault at once. An empty address is none.
    pub(crate) fn parse(username: &str, password: &str, email: Option<&str>) -> Result<Self, ApiError> {
        let mut errors = Vec::new();
        let mut keep = |field: &str, message: &str| errors.push(FieldError::new(field, message));
        let username = Username::parse(username).map_err(|message| keep("username", message)).ok();
        let password = Password::chosen(password).map_err(|message| keep("password", message)).ok();
        let email = email.filter(|email| !email.is_empty());
        if let Some(Err(message)) = email.map(check_email) {
            keep("email", message);
        }
        match (username, password) {
            (Some(username), Some(password)) if errors.is_empty() => {
                Ok(Self { username, password, email: email.map(str::to_owned) })
            }
            _ => Err(ApiError::InvalidInput(errors)),
        }
    }

    /// The row to insert.
    pub fn into_row(self, id: String, password_hash: String, now: i64) -> User {
        User {
            id,
            username_key: self.username.key(),
            username: self.username.as_str().into(),
            email: self.email,
            password_hash,
            is_active: true,
            version: 1,
            created_at: now,
        }
    }

    /// Adds him, if the name is free and the password hard to guess. `None` as the creator = he signs up himself.
    pub(crate) async fn add(
        self,
        state: &AppState,
        roles: Roles,
        creator: Option<Actor>,
        origin: RequestOrigin,
    ) -> Result<UserWithRoles, ApiError> {
        let key = self.username.key();
        // Before the hash, which takes a while; whether it is true is decided by the insertion.
        if state.store.run::<_, ApiError, _>(move |c| Ok(users::name_is_taken(c, &key)?)).await? {
            return Err(ApiError::UsernameTaken);
        }
        let about_the_user = vec![self.username.as_str().to_owned(), self.email.clone().unwrap_or_default()];
        let Some(hash) = state.hasher.hash_chosen(self.password.clone(), about_the_user).await? else {
            return Err(ApiError::invalid("password", Password::TOO_EASY));
        };
        let now_ms = state.clock.now_ms();
        let user = self.into_row(state.ids.next(now_ms).to_string(), hash?, now_ms / 1000);
        let event = if creator.is_some() { Event::UserCreated } else { Event::SignedUp };
        let recorder = state.recorder(creator.unwrap_or_else(|| Actor::User((&user).into())), origin);
        state
            .store
            .transaction(move |c| match changes::add(c, &user, &roles, event, &recorder) {
                Ok(()) => Ok(UserWithRoles { user, roles: roles.into_names() }),
                Err(error) if is_unique_violation(&error) => Err(ApiError::UsernameTaken),
                Err(error) => Err(error.into()),
            })
            .await
    }
}

/// Checks that an address could be one; only a message sent to it could tell more.
pub fn check_email(email: &str) -> Result<(), &'static str> {
    let plausible = email
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    let clean = !email.chars().any(|c| c.is_whitespace() || c.is_control());
    if plausible && clean && email.len() <= MAX_EMAIL { Ok(()) } else { Err("must be an e-mail address") }
}
