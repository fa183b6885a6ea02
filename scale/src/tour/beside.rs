//! What no request does: the background's work, a start, and the command line. Each in a transaction that is taken back.

use anyhow::Context;
use auth_server::{
    audit::Recorder as Trail,
    clients::{ClientName, ClientScopes, Occasion, Secret, WantedClient, ensure},
    sessions::after_restoring,
    store::{attempts, audit, clients, sessions, statuses, users},
};
use diesel::result::Error;
use resource_api::store::accounts::{self, SeenUser};
use shared_service::{
    Ids,
    database::{DbConnection, connect, transaction},
};

use super::Tour;
use crate::{
    seed::{Databases, KEEPER, ORDINARY, username},
    statements::{Purpose, recorder},
};

const LOT: i64 = 500;
const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

impl Tour<'_> {
    /// `small` for what is done to all rows at once.
    pub(super) fn beside(&mut self, large: &Databases, small: &Databases) -> anyhow::Result<()> {
        let mut auth = connect(&large.auth)?;
        Self::start(&mut auth)?;
        self.upgrade(&mut auth)?;
        self.many_sessions(&mut auth)?;
        self.purge(&mut auth)?;
        self.command_line(&mut auth)?;
        self.restoring(&mut connect(&small.auth)?)?;
        self.names_change(&mut connect(&large.api)?)
    }

    fn start(auth: &mut DbConnection) -> anyhow::Result<()> {
        undone(auth, (Purpose::Background, "a start"), |c| {
            users::highest_hash(c)?;
            users::any_exists(c)
        })
    }

    /// What a login does when the hash is of another cost than it is to be.
    fn upgrade(&self, auth: &mut DbConnection) -> anyhow::Result<()> {
        let user = self.cast.id(ORDINARY.start + 32).to_string();
        let of = (Purpose::Request, "POST /auth/login (an older hash)");
        undone(auth, of, |c| users::upgrade_hash(c, &user, 0, "$2b$04$"))
    }

    /// What a request has done to the hoarder would find nothing of his when the plans are looked at. Here it is done to
    /// somebody who keeps what he has.
    fn many_sessions(&self, auth: &mut DbConnection) -> anyhow::Result<()> {
        let user = self.cast.id(KEEPER).to_string();
        let revocation = self.system.state.revocation();
        let of = |what| (Purpose::Request, what);
        undone(auth, of("ending 500 sessions"), |c| sessions::end_all(c, &user, None, revocation))?;
        undone(auth, of("other claims in 500 sessions"), |c| sessions::renew_statuses(c, &user, revocation))?;
        undone(auth, of("deleting a user with 500 sessions"), |c| users::delete(c, &user))
    }

    /// One lot of each kind.
    fn purge(&self, auth: &mut DbConnection) -> anyhow::Result<()> {
        let (now, now_ms) = (self.cast.now(), self.cast.now_ms);
        let of = |what| (Purpose::Background, what);
        let outlived = sessions::Outlived { ended: now, last_used: now - 7 * DAY };
        undone(auth, of("the purge of sessions"), |c| sessions::purge(c, outlived, LOT))?;
        undone(auth, of("the purge of revoked places"), |c| statuses::purge(c, now + HOUR, LOT))?;
        let expired = now_ms + HOUR * 1000;
        undone(auth, of("the purge of attempts"), |c| attempts::purge_attempts(c, expired, LOT))?;
        let expired = now_ms + 91 * DAY * 1000;
        undone(auth, of("the purge of networks"), |c| attempts::purge_networks(c, expired, LOT))?;
        undone(auth, of("the purge of events"), |c| audit::purge(c, now - 80 * DAY, LOT))
    }

    fn command_line(&self, auth: &mut DbConnection) -> anyhow::Result<()> {
        let of = |what| (Purpose::CommandLine, what);
        undone(auth, of("users list"), |c| users::list(c, "", 500))?;
        undone(auth, of("users list, further on"), |c| users::list(c, &username(ORDINARY.start), 500))?;
        undone(auth, of("clients list"), clients::all)?;
        let wanted = WantedClient {
            name: ClientName::parse("ensured").map_err(anyhow::Error::msg)?,
            scopes: Some(ClientScopes::parse("users:read").map_err(anyhow::Error::msg)?),
            id: Some(auth_server::clients::new_client_id(&Ids::new(), self.cast.now_ms)),
        };
        let (first, second) = (Secret::random()?, Secret::random()?);
        let occasion = self.occasion();
        undone(auth, of("clients ensure"), |c| {
            ensure(c, &wanted, &first, &occasion)?;
            ensure(c, &wanted, &second, &occasion)
        })
    }

    fn occasion(&self) -> Occasion {
        let now_ms = self.cast.now_ms;
        let recorder = Trail::command_line(now_ms);
        Occasion { ids: Ids::new(), now_ms, revocation: self.system.state.revocation(), recorder }
    }

    fn restoring(&self, small: &mut DbConnection) -> anyhow::Result<()> {
        let trail = Trail::command_line(self.cast.now_ms);
        let of = (Purpose::CommandLine, "db restored");
        undone(small, of, |c| after_restoring(c, self.cast.now(), &trail))
    }

    /// What requests do when a name has gone over to another account. It begins transactions of its own, and so is not
    /// taken back.
    fn names_change(&self, api: &mut DbConnection) -> anyhow::Result<()> {
        let (now, ordinary) = (self.cast.now(), self.cast.id(ORDINARY.start + 31).to_string());
        let seen = [
            ("a call by whoever has taken over a name", "another", username(ORDINARY.start + 30)),
            ("a call by whoever has another name now", ordinary.as_str(), "renamed".to_owned()),
        ];
        for (name, sub, username) in seen {
            let seen = SeenUser::new(sub, &username, now + 10).context("it can be a user")?;
            recorder::begin(Purpose::Request, name);
            let registered = accounts::register(api, &seen);
            recorder::end();
            registered?;
        }
        Ok(())
    }
}

/// Does something for this purpose, and takes it back.
fn undone<T, E>(
    connection: &mut DbConnection,
    (purpose, name): (Purpose, &str),
    work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> anyhow::Result<()>
where
    E: Into<anyhow::Error>,
{
    recorder::begin(purpose, name);
    let mut failed = None;
    let undone = transaction::<(), Error>(connection, |c| {
        failed = work(c).err().map(Into::into);
        Err(Error::RollbackTransaction)
    });
    recorder::end();
    match (failed, undone) {
        (Some(error), _) => Err(error.context(name.to_owned())),
        (None, Err(error)) if error != Error::RollbackTransaction => Err(error.into()),
        _ => Ok(()),
    }
}
