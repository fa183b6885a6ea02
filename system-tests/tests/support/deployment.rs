//! What is deployed, and how.

use std::{path::Path, time::Duration};

use serde_json::json;
use test_servers::{Folder, Kind, Options, POSTGRES, Server};

use super::{
    Caller, Instance, PASSWORD,
    balancer::{Balancer, Ports},
    free_port,
    instance::Launch,
};

/// The first administrator.
pub(crate) const ADMIN: &str = "root";

pub(crate) struct Setup {
    pub(crate) database: &'static Kind,
    pub(crate) auth_servers: usize,
    pub(crate) resource_apis: usize,
    /// How long a refresh may be repeated with the same answer.
    pub(crate) refresh_grace: Duration,
    pub(crate) auth_settings: &'static [(&'static str, &'static str)],
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            database: &POSTGRES,
            auth_servers: 3,
            resource_apis: 2,
            refresh_grace: Duration::from_secs(30),
            auth_settings: &[],
        }
    }
}

/// In the order in which it must end.
pub(crate) struct Deployment {
    pub(crate) auth: Vec<Instance>,
    pub(crate) api: Vec<Instance>,
    pub(crate) database: Server,
    pub(crate) refresh_grace: Duration,
    ports: Ports,
    _balancer: Balancer,
    _folder: Folder,
}

impl Deployment {
    /// All auth-servers are started at once, on an empty database and without keys.
    pub(crate) fn start(setup: &Setup) -> Self {
        let folder = Folder::new("latchkey-system-");
        let options = Options { durable: true, ..Options::default() };
        let database = Server::start(setup.database, options);
        let (auth_url, api_url) = (database.create_database("auth"), database.create_database("api"));
        let ports = Ports { auth: free_port(), api: free_port() };
        let issuer = format!("http://127.0.0.1:{}", ports.auth);

        let start = |program, number, settings: &[(String, String)]| {
            let log = folder.path().join(format!("{program}-{number}.log"));
            Instance::start(Launch { program, port: free_port(), log, settings: settings.to_vec() })
        };
        let settings = auth_settings(setup, folder.path(), &issuer, &auth_url);
        let mut auth: Vec<_> = (0..setup.auth_servers).map(|n| start("auth-server", n, &settings)).collect();
        auth.iter_mut().for_each(Instance::wait_until_ready);

        let (id, secret) = register_resource_api(&auth[0].url());
        let settings = api_settings(&issuer, &api_url, id, secret);
        let mut api: Vec<_> = (0..setup.resource_apis).map(|n| start("resource-api", n, &settings)).collect();
        let addresses = |of: &[Instance]| of.iter().map(Instance::address).collect::<Vec<_>>();
        // They fetch keys through the balancer, and are ready when they have them.
        let balancer = Balancer::start(folder.path(), &ports, &addresses(&auth), &addresses(&api));
        api.iter_mut().for_each(Instance::wait_until_ready);
        let refresh_grace = setup.refresh_grace;
        Self { auth, api, database, refresh_grace, ports, _balancer: balancer, _folder: folder }
    }

    /// Somebody who speaks with the balancer alone.
    pub(crate) fn caller(&self) -> Caller {
        let url = |port| format!("http://127.0.0.1:{port}");
        Caller::new(url(self.ports.auth), url(self.ports.api))
    }

    /// What all instances have logged.
    pub(crate) fn logs(&self) -> String {
        self.auth.iter().chain(&self.api).map(Instance::log).collect()
    }
}

fn auth_settings(setup: &Setup, folder: &Path, issuer: &str, database: &str) -> Vec<(String, String)> {
    let keys = folder.join("keys").display().to_string();
    let grace = format!("{}s", setup.refresh_grace.as_secs());
    let common = [
        ("AUTH__DATABASE__URL", database),
        ("AUTH__ISSUER", issuer),
        ("AUTH__KEYS__DIR", &keys),
        ("AUTH__TRUSTED_PROXIES", "127.0.0.1"),
        ("AUTH__PASSWORDS__BCRYPT_COST", "10"),
        ("AUTH__SESSIONS__REFRESH_GRACE", &grace),
        ("AUTH__STATUS_LIST__TTL", "1s"),
        ("AUTH__BOOTSTRAP__ADMIN_USERNAME", ADMIN),
        ("AUTH__BOOTSTRAP__ADMIN_PASSWORD", PASSWORD),
    ];
    owned(common.iter().chain(setup.auth_settings))
}

fn api_settings(issuer: &str, database: &str, id: String, secret: String) -> Vec<(String, String)> {
    let common = [("API__DATABASE__URL", database), ("API__AUTH__ISSUER", issuer)];
    let mut settings = owned(common.iter());
    settings.push(("API__SERVICE__CLIENT_ID".into(), id));
    settings.push(("API__SERVICE__CLIENT_SECRET".into(), secret));
    settings
}

fn owned<'a>(settings: impl Iterator<Item = &'a (&'a str, &'a str)>) -> Vec<(String, String)> {
    settings.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn register_resource_api(auth_url: &str) -> (String, String) {
    let caller = Caller::new(auth_url.to_owned(), String::new());
    let admin = caller.log_in(ADMIN);
    let client = json!({"name": "resource-api", "scopes": ["users:read"]});
    let made = caller.post("/admin/clients", Some(&admin.access_token), &client).expect(201);
    let text = |member: &str| made[member].as_str().unwrap().to_owned();
    (text("client_id"), text("client_secret"))
}
