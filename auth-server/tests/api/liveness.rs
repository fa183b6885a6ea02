//! Whether a session lives, seen from every side: our own endpoints, the refresh chain, the published status; and
//! requests that are overtaken by a change.

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

use auth_server::{
    accounts::{
        Change, Roles,
        changes::{self, Wanted},
    },
    audit::Actor,
    error::ApiError,
};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use shared_service::{database::DbConnection, request::RequestOrigin};

use crate::app::{Reply, TestApp, Tokens};

impl TestApp {
    /// What goes with a change that is made at this moment, past every endpoint.
    pub(crate) fn change(&self) -> Change {
        Change::new(&self.state, Actor::Server, RequestOrigin::default())
    }

    /// Somebody who has signed up, was made an administrator, and logged in.
    pub(crate) async fn admin(&self, username: &str) -> Tokens {
        let id = self.sign_up(username).await.text("id");
        let roles = Roles::parse(["admin".to_owned(), "user".to_owned()]).unwrap();
        let (wanted, change) = (Wanted::roles(roles), self.change());
        let update =
            move |c: &mut DbConnection| Ok::<_, ApiError>(changes::update(c, &id, &wanted, &change)?);
        self.state.store.transaction(update).await.unwrap();
        self.log_in(username).await
    }

    /// What comes of a request with an access token, and with a JSON body unless it is null.
    pub(crate) async fn call(&self, access: &str, method: Method, path: &str, body: Value) -> Reply {
        Reply::of(self.as_user(method, path, access, &body)).await
    }

    /// With an access token, and with a JSON body unless it is null.
    pub(crate) fn as_user(&self, method: Method, path: &str, access: &str, body: &Value) -> RequestBuilder {
        let request = self.request(method, path).bearer_auth(access);
        if body.is_null() { request } else { request.json(body) }
    }

    pub(crate) async fn log_in_with(&self, username: &str, password: &str) -> Reply {
        self.post("/auth/login", json!({"username": username, "password": password})).await
    }

    pub(crate) async fn assert_ended(&self, tokens: &Tokens) {
        self.get_as("/auth/user", &tokens.access).await.assert_problem(401, "invalid_token");
        self.refresh(&tokens.refresh).await.assert_problem(401, "invalid_refresh_token");
        assert!(self.is_revoked(&tokens.access).await, "the status of an ended session's token is VALID");
    }

    pub(crate) async fn assert_alive(&self, tokens: &Tokens) {
        assert_eq!(self.get_as("/auth/user", &tokens.access).await.status, StatusCode::OK);
        assert_eq!(self.refresh(&tokens.refresh).await.status, StatusCode::OK);
        assert!(!self.is_revoked(&tokens.access).await, "the status of a living session's token is INVALID");
    }

    /// Lets a request that hashes a password read the account, commits `change`, and only then lets the request write.
    /// Meanwhile the change holds the database's write lock.
    pub(crate) async fn overtaken(
        &self,
        request: RequestBuilder,
        change: impl FnOnce(&mut DbConnection) -> Result<(), ApiError> + Send + 'static,
    ) -> Reply {
        let (changed, has_changed) = mpsc::channel();
        let (commit, may_commit) = mpsc::channel();
        let store = self.state.store.clone();
        let changing = actix_rt::task::spawn_blocking(move || {
            store.blocking_transaction::<_, ApiError, _>(|c| {
                change(c)?;
                changed.send(()).unwrap();
                may_commit.recv().unwrap();
                Ok(())
            })
        });
        actix_rt::task::spawn_blocking(move || has_changed.recv().unwrap()).await.unwrap();
        let request = actix_rt::spawn(Reply::of(request));
        let deadline = Instant::now() + Duration::from_secs(4);
        while self.state.hasher.in_flight() == 0 {
            assert!(Instant::now() < deadline, "the request hashes nothing");
            actix_rt::time::sleep(Duration::from_millis(1)).await;
        }
        commit.send(()).unwrap();
        changing.await.unwrap().unwrap();
        request.await.unwrap()
    }
}
