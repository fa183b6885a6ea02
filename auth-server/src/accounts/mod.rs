//! Accounts: `POST /auth/signup`, `/auth/login`, `/auth/refresh`, `/auth/logout`, `/auth/logout-all`, `GET`, `PATCH` and
//! `DELETE /auth/user`, `PUT /auth/user/password`; `GET /users`, for services.

mod change_email;
mod change_password;
pub mod changes;
mod confirm;
mod cookie;
mod delete;
mod directory;
mod login;
mod logout;
mod logout_all;
mod new_user;
mod password;
mod refresh;
pub(crate) mod schemas;
mod signup;
mod tokens;
mod user;
mod username;

pub(crate) use change_email::change_email;
pub(crate) use change_password::change_password;
pub use changes::{ADMIN, Change, ChangeError};
pub(crate) use delete::delete;
pub(crate) use directory::{USERS_READ, find_users};
pub(crate) use login::login;
pub(crate) use logout::logout;
pub(crate) use logout_all::logout_all;
pub use new_user::{NewUser, check_email};
pub use password::{Hasher, Password, QueueFull};
pub use refresh::advance;
pub(crate) use refresh::refresh;
pub(crate) use signup::signup;
pub use tokens::{Mode, issue, never_stored, respond};
pub use user::UserView;
pub(crate) use user::user;
pub use username::{Roles, Username};

use utoipa::OpenApi;

use self::schemas::OptionalBodies;

/// What this folder answers.
#[derive(OpenApi)]
#[openapi(
    tags(
        (name = "accounts", description = "What a user does with his account."),
        (name = "sessions", description = "Logging in and out, and what keeps a login alive."),
        (name = "directory", description = "Whose name is it? For services."),
    ),
    paths(
        signup::signup,
        login::login,
        refresh::refresh,
        logout::logout,
        logout_all::logout_all,
        user::user,
        change_email::change_email,
        change_password::change_password,
        delete::delete,
        directory::find_users,
    ),
    modifiers(&OptionalBodies),
)]
pub(crate) struct Document;
