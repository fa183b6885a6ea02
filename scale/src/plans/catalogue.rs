//! What a database says of itself, where no plan does: how large its tables are, and what deleting a row has to look for.

use std::collections::BTreeSet;

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Text},
};
use shared_service::database::DbConnection;

use super::bounds::{DO_NOT_GROW, ROWS};

/// With fewer rows a walk through the whole table might pass for a look into an index.
const ROWS_TO_SEE_A_WALK: u64 = 2 * ROWS;

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows_found: i64,
}

/// A foreign key that is the first column of no index.
#[derive(QueryableByName)]
struct Unindexed {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Text)]
    key_column: String,
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = Text)]
    on_delete: String,
}

/// Tables that grow, and are too small here for a walk through them to be noticed.
pub(super) fn too_small(connection: &mut DbConnection) -> anyhow::Result<Vec<String>> {
    let tables: Vec<Table> = sql_query(tables(connection)).load(connection)?;
    let mut faults = Vec::new();
    for Table { name } in tables.into_iter().filter(|table| !DO_NOT_GROW.contains(&table.name.as_str())) {
        let some = format!("SELECT 1 AS one FROM {name} LIMIT {ROWS_TO_SEE_A_WALK}");
        let count = sql_query(format!("SELECT COUNT(*) AS rows_found FROM ({some}) some_rows"));
        let count = count.get_result::<Count>(connection)?.rows_found;
        if u64::try_from(count)? < ROWS_TO_SEE_A_WALK {
            faults.push(format!(
                "{name} has {count} rows: with fewer than {ROWS_TO_SEE_A_WALK} a walk through it is not seen"
            ));
        }
    }
    Ok(faults)
}

/// Foreign keys that a whole table is read for when a row of the parent is deleted. No plan has that in it. `deleted_from`
/// are the tables that some statement deletes from.
pub(super) fn unindexed_keys(
    connection: &mut DbConnection,
    deleted_from: &BTreeSet<String>,
) -> anyhow::Result<Vec<String>> {
    let keys: Vec<Unindexed> = sql_query(unindexed(connection)).load(connection)?;
    // A key whose parents are there for ever needs none. What is done to children on a deletion says that there is one.
    let matters = |key: &&Unindexed| {
        deleted_from.contains(&key.parent) || !matches!(key.on_delete.as_str(), "NO ACTION" | "RESTRICT")
    };
    let fault = |Unindexed { child, key_column, parent, .. }: &Unindexed| {
        format!("rows of {parent} are deleted, and no index of {child} begins with {key_column}")
    };
    Ok(keys.iter().filter(matters).map(fault).collect())
}

fn tables(connection: &DbConnection) -> &'static str {
    match connection {
        DbConnection::Sqlite(_) => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        }
        DbConnection::Postgres(_) => {
            "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()"
        }
        #[cfg(feature = "mysql")]
        DbConnection::Mysql(_) => {
            "SELECT CAST(table_name AS CHAR) AS name FROM information_schema.tables WHERE table_schema = DATABASE()"
        }
    }
}

fn unindexed(connection: &DbConnection) -> &'static str {
    match connection {
        DbConnection::Sqlite(_) => {
            "SELECT child.name AS child, f.\"from\" AS key_column, f.\"table\" AS parent, f.on_delete AS on_delete
               FROM sqlite_master child JOIN pragma_foreign_key_list(child.name) f
              WHERE child.type = 'table' AND f.seq = 0
                AND NOT EXISTS (SELECT 1
                       FROM pragma_index_list(child.name) i JOIN pragma_index_info(i.name) c
                      WHERE i.partial = 0 AND c.seqno = 0 AND c.name = f.\"from\")"
        }
        DbConnection::Postgres(_) => {
            "SELECT f.conrelid::regclass::text AS child, c.attname::text AS key_column,
                    f.confrelid::regclass::text AS parent,
                    CASE WHEN f.confdeltype IN ('a', 'r') THEN 'NO ACTION' ELSE 'CASCADE' END AS on_delete
               FROM pg_constraint f
               JOIN pg_attribute c ON c.attrelid = f.conrelid AND c.attnum = f.conkey[1]
              WHERE f.contype = 'f'
                AND NOT EXISTS (SELECT 1 FROM pg_index i
                      WHERE i.indrelid = f.conrelid AND i.indkey[0] = f.conkey[1] AND i.indpred IS NULL)"
        }
        #[cfg(feature = "mysql")]
        DbConnection::Mysql(_) => {
            "SELECT CAST(f.table_name AS CHAR) AS child, CAST(f.column_name AS CHAR) AS key_column,
                    CAST(f.referenced_table_name AS CHAR) AS parent, CAST(r.delete_rule AS CHAR) AS on_delete
               FROM information_schema.key_column_usage f
               JOIN information_schema.referential_constraints r
                 ON r.constraint_schema = f.constraint_schema AND r.table_name = f.table_name
                AND r.constraint_name = f.constraint_name
              WHERE f.constraint_schema = DATABASE() AND f.ordinal_position = 1
                AND NOT EXISTS (SELECT 1 FROM information_schema.statistics i
                      WHERE i.table_schema = DATABASE() AND i.table_name = f.table_name
                        AND i.column_name = f.column_name AND i.seq_in_index = 1)"
        }
    }
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;
    use shared_service::database::connect;
    use test_servers::Folder;

    use super::*;

    fn with_tables(folder: &Folder, tables: &str) -> DbConnection {
        let url = format!("sqlite://{}", folder.path().join("a.db").display());
        let mut connection = connect(&url.parse().unwrap()).unwrap();
        connection.batch_execute(tables).unwrap();
        connection
    }

    #[test]
    fn a_foreign_key_has_an_index_where_rows_of_the_parent_are_deleted() {
        let folder = Folder::new("latchkey-test-");
        let mut connection = with_tables(
            &folder,
            "CREATE TABLE a (id INTEGER PRIMARY KEY);
             CREATE TABLE behind (x INTEGER, a INTEGER REFERENCES a (id) ON DELETE CASCADE);
             CREATE INDEX i ON behind (x, a);
             CREATE INDEX p ON behind (a) WHERE x = 1;
             CREATE TABLE stays (a INTEGER REFERENCES a (id));
             CREATE TABLE found (a INTEGER REFERENCES a (id) ON DELETE CASCADE, x INTEGER, PRIMARY KEY (a, x));",
        );
        let mut children = |deleted_from: &[&str]| {
            let deleted_from = deleted_from.iter().map(|table| (*table).to_owned()).collect();
            unindexed_keys(&mut connection, &deleted_from).unwrap()
        };
        assert_eq!(children(&[]), ["rows of a are deleted, and no index of behind begins with a"]);
        assert_eq!(children(&["a"]).len(), 2);
    }

    #[test]
    fn a_table_that_grows_is_to_be_large_enough_to_see_a_walk() {
        let folder = Folder::new("latchkey-test-");
        let rows = format!(
            "CREATE TABLE guards (x INTEGER); CREATE TABLE large (x INTEGER); CREATE TABLE small (x INTEGER);
             WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {ROWS_TO_SEE_A_WALK})
             INSERT INTO large SELECT x FROM n;
             INSERT INTO small SELECT x FROM large WHERE x > 1;"
        );
        let faults = too_small(&mut with_tables(&folder, &rows)).unwrap();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with("small has 23999 rows"), "{faults:?}");
    }
}
