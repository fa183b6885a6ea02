//! A database that is restored from a copy, with the real program from beginning to end.

use std::{
    net::TcpListener,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use diesel::prelude::*;
use reqwest::{StatusCode, blocking::Client};
use serde_json::{Value, json};
use test_servers::Engine;

use crate::{
    app::PASSWORD,
    cli::{Place, Running},
    published_list::claims_of,
};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

struct Server {
    address: String,
    place: Place,
    http: Client,
}

impl Server {
    fn new() -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        Self { address, place: Place::new(), http: Client::builder().no_proxy().build().unwrap() }
    }

    fn start(&self) -> Running {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.place.path("log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_auth-server"))
            .env_clear()
            .env("AUTH__LISTEN", &self.address)
            .env("AUTH__ISSUER", format!("http://{}", self.address))
            .env("AUTH__DATABASE__URL", self.place.database.url())
            .env("AUTH__KEYS__DIR", self.place.path("keys"))
            .env("AUTH__PASSWORDS__BCRYPT_COST", "10")
            .env("AUTH__SESSIONS__REFRESH_GRACE", "0s")
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        let running = Running(child.unwrap());
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.place.run(&["health"], &[("AUTH__LISTEN", &self.address)], "").status.success() {
            assert!(Instant::now() < deadline, "the server did not start");
        }
        running
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.place.path("log")).unwrap()
    }

    /// Keeps a copy of every table. While no server runs.
    fn copy(&self) {
        for table in self.tables() {
            self.execute(&format!("CREATE TABLE copy_of_{table} AS SELECT * FROM {table}"));
        }
    }

    /// Puts the copy in the place of what there is. While no server runs.
    fn restore(&self) {
        let tables: Vec<_> =
            self.tables().into_iter().filter(|table| !table.starts_with("copy_of_")).collect();
        for table in &tables {
            self.execute(&format!("DELETE FROM {table}"));
        }
        for table in &tables {
            let columns = self.columns(table).join(", ");
            self.execute(&format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM copy_of_{table}"));
        }
    }

    /// All that hold data, and those that others refer to before these.
    fn tables(&self) -> Vec<String> {
        let all = Engine::chosen().pick([
            "SELECT name FROM sqlite_master WHERE type = 'table'",
            "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = 'public'",
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()",
        ]);
        let mut tables = self.names(all);
        tables.retain(|table| table != "__diesel_schema_migrations");
        tables.sort_by_key(|table| !["users", "clients"].contains(&table.as_str()));
        tables
    }

    /// Those of a table that are not made from others.
    fn columns(&self, table: &str) -> Vec<String> {
        let of_table = format!("FROM information_schema.columns WHERE table_name = '{table}'");
        self.names(&Engine::chosen().pick([
            format!("SELECT name FROM pragma_table_info('{table}')"),
            format!("SELECT CAST(column_name AS TEXT) AS name {of_table} AND is_generated = 'NEVER'"),
            format!(
                "SELECT column_name AS name {of_table} AND table_schema = DATABASE() \
                 AND extra NOT LIKE '%GENERATED%'"
            ),
        ]))
    }

    fn names(&self, query: &str) -> Vec<String> {
        let rows: Vec<Row> = self.place.read(|c| diesel::sql_query(query).load(c));
        rows.into_iter().map(|row| row.name).collect()
    }

    fn execute(&self, statement: &str) {
        self.place.read(|c| diesel::sql_query(statement).execute(c));
    }

    fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let reply = self.http.post(format!("http://{}{path}", self.address)).json(body).send().unwrap();
        (reply.status(), serde_json::from_str(&reply.text().unwrap()).unwrap_or_default())
    }

    fn log_in(&self) -> Value {
        let (status, tokens) = self.post("/auth/login", &json!({"username": "alice", "password": PASSWORD}));
        assert_eq!(status, StatusCode::OK);
        tokens
    }

    /// A token of the service whose secret and id are in these files.
    fn token_of(&self, file: &str, id_file: &str) -> Value {
        let read = |name| std::fs::read_to_string(self.place.path(name)).unwrap();
        let form = [("grant_type", "client_credentials")];
        let request = self.http.post(format!("http://{}/oauth/token", self.address));
        let reply = request.basic_auth(read(id_file), Some(read(file))).form(&form).send().unwrap();
        assert_eq!(reply.status(), StatusCode::OK);
        serde_json::from_str(&reply.text().unwrap()).unwrap()
    }

    fn is_let_in(&self, tokens: &Value) -> bool {
        let request = self.http.get(format!("http://{}/users?username=alice", self.address));
        let status = request.bearer_auth(tokens["access_token"].as_str().unwrap()).send().unwrap().status();
        assert!(status == StatusCode::OK || status == StatusCode::UNAUTHORIZED, "{status}");
        status == StatusCode::OK
    }

    fn refresh(&self, tokens: &Value) -> (StatusCode, Value) {
        self.post("/auth/refresh", &json!({"refresh_token": tokens["refresh_token"]}))
    }
}

fn list_number(tokens: &Value) -> i64 {
    let claims = claims_of(tokens["access_token"].as_str().unwrap());
    claims["status"]["status_list"]["uri"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap()
}

#[test]
fn a_restored_copy_is_noticed_and_one_command_makes_it_safe() {
    let server = Server::new();
    server.place.ok(&["users", "add", "alice", "--password-stdin"], PASSWORD);
    let running = server.start();
    let (kept, ended) = (server.log_in(), server.log_in());
    drop(running);
    server.copy();

    let running = server.start();
    let newer = server.refresh(&kept).1;
    let newest = server.refresh(&newer).1;
    assert_eq!(server.post("/auth/logout", &json!({"refresh_token": ended["refresh_token"]})).0, 204);
    drop(running);
    assert!(!server.log().contains("db restored"), "{}", server.log());
    server.restore();

    let running = server.start();
    let (status, caught_up) = server.refresh(&newest);
    assert_eq!(status, StatusCode::OK, "a client that is ahead of the copy is not logged out");
    assert!(server.log().contains("`auth-server db restored`"), "{}", server.log());
    assert_eq!(server.refresh(&ended).0, StatusCode::OK, "the copy does not know of the logout");

    // A running server minds it at once.
    let told = server.place.ok(&["db", "restored"], "");
    assert!(
        told.contains("ended every session of the copy (2)") && told.contains("revoked all access tokens"),
        "{told}"
    );
    for tokens in [&kept, &newer, &newest, &caught_up, &ended] {
        assert_eq!(server.refresh(tokens).0, StatusCode::UNAUTHORIZED);
    }
    let new = server.log_in();
    assert!(list_number(&new) > list_number(&kept));
    assert_eq!(server.refresh(&new).0, StatusCode::OK);
    drop(running);
}

#[test]
fn a_service_gets_tokens_that_work_after_restoring_and_those_of_before_do_not() {
    let server = Server::new();
    server.place.ok(&["users", "add", "alice", "--password-stdin"], PASSWORD);
    server.place.ensure("secret", "id").unwrap();
    let running = server.start();
    let before = server.token_of("secret", "id");
    assert!(server.is_let_in(&before));
    server.place.ok(&["db", "restored"], "");
    let after = server.token_of("secret", "id");
    assert!(list_number(&after) > list_number(&before));
    assert!(!server.is_let_in(&before) && server.is_let_in(&after));
    drop(running);
}
