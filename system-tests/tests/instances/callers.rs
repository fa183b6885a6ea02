//! Who calls: by link, from other addresses, as a service; and which instance answers.

use std::net::IpAddr;

use reqwest::blocking::Client;
use serde_json::json;

use crate::support::{Caller, Reply};

impl Caller {
    /// The same from another address of this machine's.
    pub(crate) fn at_address(&self, address: [u8; 4]) -> Self {
        let http = Client::builder().no_proxy().local_address(IpAddr::from(address)).build().unwrap();
        Self { http, auth: self.auth.clone(), api: self.api.clone() }
    }

    pub(crate) fn refresh(&self, link: &str) -> Reply {
        self.post("/auth/refresh", None, &json!({"refresh_token": link}))
    }

    pub(crate) fn log_out(&self, link: &str) -> Reply {
        self.post("/auth/logout", None, &json!({"refresh_token": link}))
    }

    /// A service that asks for a token.
    pub(crate) fn ask_for_token(&self, id: &str, secret: &str) -> Reply {
        let request = self.http.post(format!("{}/oauth/token", self.auth)).basic_auth(id, Some(secret));
        Reply::of(request.form(&[("grant_type", "client_credentials")])).unwrap()
    }
}

impl Reply {
    /// The address of the instance that answered; of several that nginx has tried, the last.
    pub(crate) fn instance(&self) -> String {
        let tried = self.headers["x-upstream"].to_str().unwrap();
        tried.rsplit(", ").next().unwrap_or_default().to_owned()
    }
}
