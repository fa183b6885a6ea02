//! The audit trail: who did what, when, from where; never a secret. An event is written in the transaction of what it
//! tells, so that neither is there without the other. What changes no row here, a refusal or a key, is noted afterwards.

use std::net::IpAddr;

use diesel::QueryResult;
use shared_service::{
    Ids,
    database::{DbConnection, Store},
    request::{RequestId, RequestOrigin},
};
use utoipa::ToSchema;

use crate::{
    error::ApiError,
    store::{
        audit::{self, AuditEvent},
        clients::Client,
        users::User,
    },
};

/// The longest detail, in characters. No change needs as much: the longest tells of all roles or scopes before and after.
const MAX_DETAIL: usize = 4096;

/// What happened. The names are stable: operators search for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(as = AuditEventName, rename_all = "snake_case")]
#[expect(missing_docs, reason = "they say it all")]
pub enum Event {
    SignedUp,
    LoginSucceeded,
    LoginFailed,
    LoggedOut,
    LoggedOutEverywhere,
    SessionEnded,
    RefreshTokenReplayed,
    TokenRevoked,
    PasswordChanged,
    PasswordConfirmationFailed,
    EmailChanged,
    UserCreated,
    UserRolesChanged,
    UserActivated,
    UserDeactivated,
    UserDeleted,
    UserSessionsEnded,
    ClientCreated,
    ClientChanged,
    ClientActivated,
    ClientDeactivated,
    ClientSecretAdded,
    ClientSecretEnded,
    ClientDeleted,
    KeyCreated,
    KeyRotated,
    KeyRevoked,
    KeyDeleted,
    DatabaseRestored,
}

impl Event {
    /// As it stands in the trail.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignedUp => "signed_up",
            Self::LoginSucceeded => "login_succeeded",
            Self::LoginFailed => "login_failed",
            Self::LoggedOut => "logged_out",
            Self::LoggedOutEverywhere => "logged_out_everywhere",
            Self::SessionEnded => "session_ended",
            Self::RefreshTokenReplayed => "refresh_token_replayed",
            Self::TokenRevoked => "token_revoked",
            Self::PasswordChanged => "password_changed",
            Self::PasswordConfirmationFailed => "password_confirmation_failed",
            Self::EmailChanged => "email_changed",
            Self::UserCreated => "user_created",
            Self::UserRolesChanged => "user_roles_changed",
            Self::UserActivated => "user_activated",
            Self::UserDeactivated => "user_deactivated",
            Self::UserDeleted => "user_deleted",
            Self::UserSessionsEnded => "user_sessions_ended",
            Self::ClientCreated => "client_created",
            Self::ClientChanged => "client_changed",
            Self::ClientActivated => "client_activated",
            Self::ClientDeactivated => "client_deactivated",
            Self::ClientSecretAdded => "client_secret_added",
            Self::ClientSecretEnded => "client_secret_ended",
            Self::ClientDeleted => "client_deleted",
            Self::KeyCreated => "key_created",
            Self::KeyRotated => "key_rotated",
            Self::KeyRevoked => "key_revoked",
            Self::KeyDeleted => "key_deleted",
            Self::DatabaseRestored => "database_restored",
        }
    }
}

/// What kind of actor does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(as = AuditActorType, rename_all = "snake_case")]
#[expect(missing_docs, reason = "they are those of Actor")]
pub enum ActorType {
    Anonymous,
    User,
    Client,
    CommandLine,
    Server,
}

impl ActorType {
    /// As it stands in the trail.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::User => "user",
            Self::Client => "client",
            Self::CommandLine => "command_line",
            Self::Server => "server",
        }
    }
}

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who has not shown who he is.
    Anonymous,
    /// A user.
    User(Named),
    /// A service.
    Client(Named),
    /// Whoever runs `auth-server …`.
    CommandLine,
    /// The server by itself.
    Server,
}

/// An id, and the name that goes with it at the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    id: String,
    name: Option<String>,
}

impl Named {
    /// What has no name: a key, a session.
    pub fn id(id: impl Into<String>) -> Self {
        Self { id: id.into(), name: None }
    }
}

impl From<&User> for Named {
    fn from(user: &User) -> Self {
        Self { id: user.id.clone(), name: Some(user.username.clone()) }
    }
}

impl From<&Client> for Named {
    fn from(client: &Client) -> Self {
        Self { id: client.id.clone(), name: Some(client.name.clone()) }
    }
}

/// Writes to the trail what one actor does on one occasion.
#[derive(Debug, Clone)]
pub struct Recorder {
    ids: Ids,
    now_ms: i64,
    actor: Actor,
    ip: Option<IpAddr>,
    request_id: Option<RequestId>,
}

impl Recorder {
    /// For a request.
    pub fn new(ids: &Ids, now_ms: i64, actor: Actor, origin: RequestOrigin) -> Self {
        let RequestOrigin { address, request_id } = origin;
        Self { ids: ids.clone(), now_ms, actor, ip: address, request_id }
    }

    /// For the command line.
    pub fn command_line(now_ms: i64) -> Self {
        Self::new(&Ids::new(), now_ms, Actor::CommandLine, RequestOrigin::default())
    }

    /// The same occasion, now that it is known who acts.
    #[must_use]
    pub fn by(self, actor: Actor) -> Self {
        Self { actor, ..self }
    }

    /// Adds one event: what happened to whom, and what more there is to know. `detail` never holds a secret, nor text that
    /// a stranger typed.
    pub fn write(
        &self,
        connection: &mut DbConnection,
        event: Event,
        subject: Option<&Named>,
        detail: Option<&str>,
    ) -> QueryResult<()> {
        let (actor_type, actor) = match &self.actor {
            Actor::Anonymous => (ActorType::Anonymous, None),
            Actor::User(user) => (ActorType::User, Some(user)),
            Actor::Client(client) => (ActorType::Client, Some(client)),
            Actor::CommandLine => (ActorType::CommandLine, None),
            Actor::Server => (ActorType::Server, None),
        };
        let row = AuditEvent {
            id: self.ids.next(self.now_ms).to_string(),
            occurred_at: self.now_ms / 1000,
            event: event.name().into(),
            actor_type: actor_type.name().into(),
            actor_id: actor.map(|it| it.id.clone()),
            actor_name: actor.and_then(|it| it.name.clone()),
            subject_id: subject.map(|it| it.id.clone()),
            subject_name: subject.and_then(|it| it.name.clone()),
            detail: detail.map(|text| text.chars().take(MAX_DETAIL).collect()),
            ip: self.ip.map(|ip| ip.to_string()),
            request_id: self.request_id.map(|id| id.to_string()),
        };
        audit::insert(connection, &row)
    }

    /// The same for what changed nothing here, such as a refusal: in a transaction of its own. What comes of it does not
    /// depend on whether it could be recorded.
    pub async fn note(self, store: &Store, event: Event, subject: Option<Named>, detail: Option<String>) {
        let write = move |c: &mut DbConnection| self.write(c, event, subject.as_ref(), detail.as_deref());
        if let Err(error) = store.transaction(move |c| Ok::<_, ApiError>(write(c)?)).await {
            log::error!("not recorded in the audit trail: {}: {error}", event.name());
        }
    }
}
