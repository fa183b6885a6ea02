//! `POST /auth/signup`: makes an account.

use actix_web::{HttpResponse, http::header::LOCATION, web::Data};
use serde::Deserialize;
use shared_service::{FieldError, database::is_unique_violation, json::Json};
use zeroize::Zeroizing;

use super::{Password, UserView, Username};
use crate::{
    app::AppState,
    config::Signup,
    error::ApiError,
    store::users::{self, User, UserWithRoles},
};

/// The role of whoever signs up.
const DEFAULT_ROLE: &str = "user";
/// The longest address that mail can be sent to (RFC 5321 §4.5.3.1.3, without the angle brackets).
const MAX_EMAIL: usize = 254;

/// The body.
#[derive(Deserialize)]
pub(crate) struct SignupRequest {
    username: String,
    password: Zeroizing<String>,
    email: Option<String>,
}

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
    /// Checks the input and names every fault at once.
    fn parse(request: &SignupRequest) -> Result<Self, ApiError> {
        let mut errors = Vec::new();
        let mut keep = |field: &str, message: &str| errors.push(FieldError::new(field, message));
        let username = Username::parse(&request.username).map_err(|message| keep("username", message)).ok();
        let password = Password::chosen(&request.password).map_err(|message| keep("password", message)).ok();
        let email = request.email.as_deref().filter(|email| !email.is_empty());
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
}

/// Checks that an address could be one; only a message sent to it could tell more.
pub fn check_email(email: &str) -> Result<(), &'static str> {
    let plausible = email
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    let clean = !email.chars().any(|c| c.is_whitespace() || c.is_control());
    if plausible && clean && email.len() <= MAX_EMAIL { Ok(()) } else { Err("must be an e-mail address") }
}

/// `POST /auth/signup`.
pub(crate) async fn signup(
    state: Data<AppState>,
    Json(request): Json<SignupRequest>,
) -> Result<HttpResponse, ApiError> {
    if state.config.signup == Signup::Off {
        return Err(ApiError::SignupOff);
    }
    let new = NewUser::parse(&request)?;
    let key = new.username.key();
    if state.store.run::<_, ApiError, _>(move |c| Ok(users::name_is_taken(c, &key)?)).await? {
        return Err(ApiError::UsernameTaken);
    }
    let about_the_user = vec![new.username.as_str().to_owned(), new.email.clone().unwrap_or_default()];
    let Some(hash) = state.hasher.hash_chosen(new.password.clone(), about_the_user).await? else {
        return Err(ApiError::invalid("password", Password::TOO_EASY));
    };
    let now_ms = state.clock.now_ms();
    let user = new.into_row(state.ids.next(now_ms).to_string(), hash?, now_ms / 1000);
    let roles = vec![DEFAULT_ROLE.to_owned()];
    let made = state.store.transaction(move |c| insert(c, user, roles)).await?;
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, state.config.issuer.join("/auth/user")))
        .json(UserView::from(made)))
}

fn insert(
    connection: &mut shared_service::database::DbConnection,
    user: User,
    roles: Vec<String>,
) -> Result<UserWithRoles, ApiError> {
    match users::insert(connection, &user, &roles) {
        Ok(()) => Ok(UserWithRoles { user, roles }),
        Err(error) if is_unique_violation(&error) => Err(ApiError::UsernameTaken),
        Err(error) => Err(error.into()),
    }
}
