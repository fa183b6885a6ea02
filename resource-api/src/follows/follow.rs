//! `PUT /api/users/{username}/follow`

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use shared_claims::actix::AuthorizedUser;
use shared_service::database::DbConnection;

use crate::{
    access::WritePosts,
    app::AppState,
    directory::{DirectoryUser, UserDirectory},
    error::ApiError,
    store::{
        accounts::{self, Account, SeenUser},
        follows::{self, NewFollow},
    },
};

/// Who wants to follow whom.
#[derive(Clone)]
struct Wish {
    caller: SeenUser,
    username: String,
    /// Unix seconds.
    now: i64,
    id: String,
    /// Unix milliseconds.
    created_at: i64,
}

/// How many one user may follow: each of them is looked at for every page of his timeline.
pub const MOST_FOLLOWED: i64 = 5000;

/// What is known here of the name.
enum Known {
    /// Enough: the wish is fulfilled.
    Done,
    /// Not enough without asking auth-server: nothing, or what was confirmed too long ago.
    Unsure(Option<Account>),
}

/// What auth-server says of the name.
enum Told {
    User(DirectoryUser),
    Nobody,
    /// It cannot be asked, so that what is known here must do.
    Nothing,
}

/// Follows a user
///
/// Also for one who follows already. Users who have never called here can be followed where this service may ask
/// auth-server about them.
#[utoipa::path(
    put, path = "/api/users/{username}/follow", tag = "users", operation_id = "followUser",
    params(("username" = String, Path, description = "The name, without regard to case.")),
    responses(
        (status = 204, description = "You follow the user."),
        (status = 404, description = "`user_not_found`: nobody has this name."),
        (status = 422, description = "`cannot_follow_self`. `too_many_followed`: you follow as many as one can."),
        (status = 503, description = "`directory_unavailable`: whether there is such a user cannot be found out right \
            now. `unavailable`: a part of the service does not answer."),
    ),
    security(("accessToken" = ["posts:write"])),
)]
// auth-server is asked for a name that has not been confirmed of late, with no database connection held meanwhile. When
// it cannot be asked, a user who is known here can be followed all the same.
pub async fn follow(
    user: AuthorizedUser<WritePosts>,
    state: Data<AppState>,
    username: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let created_at = state.clock.now_ms();
    let wish = Wish {
        caller: SeenUser::try_from(&user)?,
        username: username.into_inner(),
        now: state.clock.now_secs(),
        id: state.ids.next(created_at).to_string(),
        created_at,
    };
    let can_ask = state.directory.is_some() && is_username(&wish.username);
    let first = wish.clone();
    let known = state.store.run(move |conn| first.fulfil_if_sure(conn, can_ask)).await?;
    if let (Known::Unsure(account), Some(directory)) = (known, &state.directory) {
        let told = ask(directory, &wish.username, account.as_ref()).await?;
        state.store.run(move |conn| wish.fulfil_as_told(conn, account, told)).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

impl Wish {
    fn fulfil_if_sure(&self, conn: &mut DbConnection, can_ask: bool) -> Result<Known, ApiError> {
        accounts::register(conn, &self.caller)?;
        let account = accounts::find_by_username(conn, &self.username)?;
        let is_sure = |account: &Account| account.sub == self.caller.sub || account.is_confirmed(self.now);
        if can_ask && !account.as_ref().is_some_and(is_sure) {
            return Ok(Known::Unsure(account));
        }
        self.fulfil(conn, account)?;
        Ok(Known::Done)
    }

    /// What was seen meanwhile in a token that is newer than the answer counts for more than the answer. So the name is
    /// looked up again, whatever the answer was.
    fn fulfil_as_told(
        &self,
        conn: &mut DbConnection,
        known: Option<Account>,
        told: Told,
    ) -> Result<(), ApiError> {
        match (told, known) {
            (Told::User(DirectoryUser { id: sub, username }), _) => {
                // auth-server may have given the name away since it was asked, not before.
                accounts::register(conn, &SeenUser { sub, username, seen_at: self.now })?;
            }
            (Told::Nobody, Some(known)) => accounts::release_unconfirmed(conn, &known, self.now)?,
            (Told::Nobody, None) | (Told::Nothing, _) => {}
        }
        let account = accounts::find_by_username(conn, &self.username)?;
        self.fulfil(conn, account)
    }

    fn fulfil(&self, conn: &mut DbConnection, account: Option<Account>) -> Result<(), ApiError> {
        let target = account.ok_or(ApiError::UserNotFound)?;
        if target.sub == self.caller.sub {
            return Err(ApiError::CannotFollowSelf);
        }
        let follows_already = follows::is_following(conn, &self.caller.sub, &target.sub)?;
        if !follows_already && follows::count_following(conn, &self.caller.sub)? >= MOST_FOLLOWED {
            return Err(ApiError::TooManyFollowed);
        }
        let follow = NewFollow {
            id: self.id.clone(),
            follower_sub: self.caller.sub.clone(),
            followee_sub: target.sub,
            created_at: self.created_at,
        };
        Ok(follows::insert(conn, &follow)?)
    }
}

async fn ask(directory: &UserDirectory, username: &str, known: Option<&Account>) -> Result<Told, ApiError> {
    match (directory.find(username).await, known) {
        (Ok(Some(user)), _) => Ok(Told::User(user)),
        (Ok(None), _) => Ok(Told::Nobody),
        (Err(error), Some(_)) => {
            log::warn!("{error}; a user who is known here is followed without asking");
            Ok(Told::Nothing)
        }
        (Err(error), None) => Err(error.into()),
    }
}

/// Whether auth-server could have given this name to anybody: 3 to 32 of `a-z A-Z 0-9 _ . -`.
fn is_username(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    (3..=32).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_name_is_asked_for() {
        for name in ["bob", "B.o-b_1", &"x".repeat(32)] {
            assert!(is_username(name), "{name}");
        }
        for text in ["", "ab", &"x".repeat(33), "[deleted]", "a b", "böb", "a\0b", "a&b=c"] {
            assert!(!is_username(text), "{text:?}");
        }
    }
}
