//! Accounts: `POST /auth/signup`, `/auth/login`, `/auth/refresh`, `/auth/logout`, `GET /auth/user`.

mod cookie;
mod current;
mod login;
mod logout;
mod password;
mod refresh;
mod signup;
mod tokens;
mod user;
mod username;

pub use current::CurrentUser;
pub(crate) use login::login;
pub(crate) use logout::logout;
pub use password::{Hasher, Password, QueueFull};
pub use refresh::advance;
pub(crate) use refresh::refresh;
pub(crate) use signup::signup;
pub use signup::{NewUser, check_email};
pub use tokens::{Mode, issue, respond};
pub use user::UserView;
pub(crate) use user::user;
pub use username::{Username, check_role};
