//! Guard rows: an invariant over several rows holds only if those who could break it together go one after the other.

use diesel::prelude::*;
use shared_service::database::DbConnection;

use super::schema::guards;

const LAST_ADMIN: &str = "last_admin";
const CLIENT_NAMES: &str = "client_names";

/// Lets no other transaction that takes it go on before this one has ended. Take it before anything is read, so that
/// what is read then includes what those before have done.
pub fn hold_last_admin(connection: &mut DbConnection) -> QueryResult<()> {
    hold(connection, LAST_ADMIN)
}

/// The same for whoever gives a client a name: nobody takes it in between. Take it before the row of any client, and that
/// before the counter of places: those who take them in another order wait for each other.
pub fn hold_client_names(connection: &mut DbConnection) -> QueryResult<()> {
    hold(connection, CLIENT_NAMES)
}

fn hold(connection: &mut DbConnection, name: &str) -> QueryResult<()> {
    let row = guards::table.filter(guards::name.eq(name));
    let held = diesel::update(row).set(guards::version.eq(guards::version + 1)).execute(connection)?;
    if held == 1 { Ok(()) } else { Err(diesel::result::Error::NotFound) }
}
