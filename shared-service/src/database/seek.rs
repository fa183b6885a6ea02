//! Reading from many places of an index in one statement.

use diesel::{
    QueryResult, RunQueryDsl,
    backend::Backend,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};

use super::DbConnection;

/// Whether a subquery that depends on the row outside finds its place in an index by all of its conditions.
///
/// MySQL and MariaDB go by the equalities alone: of `key = outer.key AND id < …` they read every entry of the key that the
/// second condition leaves out. There, the keys are to be read first and asked for by [`OneAfterTheOther`].
#[must_use]
pub fn seeks_for_each_row(connection: &DbConnection) -> bool {
    match connection {
        #[cfg(feature = "sqlite")]
        DbConnection::Sqlite(_) => true,
        #[cfg(feature = "postgres")]
        DbConnection::Postgres(_) => true,
        #[cfg(feature = "mysql")]
        DbConnection::Mysql(_) => false,
    }
}

/// The rows of several queries of one kind, each with an order and a limit of its own, in one statement. `SQLite` allows
/// 500 of them. There is at least one.
#[derive(Debug, Clone)]
pub struct OneAfterTheOther<Q>(pub Vec<Q>);

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for OneAfterTheOther<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for (n, query) in self.0.iter().enumerate() {
            // In brackets of its own: SQLite takes an order and a limit in no other place.
            out.push_sql(if n == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
            query.walk_ast(out.reborrow())?;
            out.push_sql(") AS part");
        }
        Ok(())
    }
}

/// The text depends on how many there are.
impl<Q> QueryId for OneAfterTheOther<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for OneAfterTheOther<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for OneAfterTheOther<Q> {}
