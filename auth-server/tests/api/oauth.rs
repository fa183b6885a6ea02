//! Services as the database has them, and what they send to `/oauth`.

use auth_server::{
    clients::{Secret, new_client_id},
    store::{
        audit::{self, AuditEvent, Wanted},
        clients::{self, Client, ClientSecret},
        statuses,
    },
};
use reqwest::Method;
use shared_service::page::Page;

use crate::app::{Reply, TestApp};

/// A service that knows its secret.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl TestApp {
    /// Registers a service with these scopes.
    pub(crate) async fn service(&self, name: &str, scopes: &str) -> Service {
        let (now_ms, secret) = (self.clock.now_ms(), Secret::random().unwrap());
        let id = new_client_id(&self.state.ids, now_ms);
        let mut client = Client {
            id: id.clone(),
            name: name.into(),
            scopes: scopes.into(),
            is_active: true,
            created_at: now_ms / 1000,
            status_list: 0,
            status_idx: 0,
        };
        let row = self.secret_row(&id, &secret);
        let insert = move |c: &mut _| {
            let place = statuses::reserve(c, 1)?.next().unwrap();
            (client.status_list, client.status_idx) = (place.list, place.idx);
            clients::insert(c, &client)?;
            clients::insert_secret(c, &row)
        };
        self.database(insert).await;
        Service { id, secret: secret.expose().into() }
    }

    /// Gives a service one more secret, beside those it has.
    pub(crate) async fn another_secret(&self, service: &Service) -> Service {
        let secret = Secret::random().unwrap();
        let row = self.secret_row(&service.id, &secret);
        self.database(move |c| clients::insert_secret(c, &row)).await;
        Service { id: service.id.clone(), secret: secret.expose().into() }
    }

    fn secret_row(&self, client_id: &str, secret: &Secret) -> ClientSecret {
        let now_ms = self.clock.now_ms();
        ClientSecret {
            id: self.state.ids.next(now_ms).to_string(),
            client_id: client_id.into(),
            secret_hash: secret.hash(),
            created_at: now_ms / 1000,
        }
    }

    /// Switches a service off, as an administrator does.
    pub(crate) async fn switch_off(&self, service: &Service) {
        let (id, revocation) = (service.id.clone(), self.state.revocation());
        let switch = move |c: &mut _| {
            assert!(clients::hold(c, &id)?);
            clients::set_active(c, &id, false)?;
            clients::renew_status(c, &id, revocation)
        };
        self.database(switch).await;
    }

    /// Sends a form as a service, by `client_secret_basic`.
    pub(crate) async fn send_as(&self, service: &Service, path: &str, form: &[(&str, &str)]) -> Reply {
        let request = self.request(Method::POST, path).basic_auth(&service.id, Some(&service.secret));
        Reply::of(request.form(form)).await
    }

    /// Sends a form with nothing in the header.
    pub(crate) async fn send_form(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        Reply::of(self.request(Method::POST, path).form(form)).await
    }

    /// An access token of a service, with all that it may have.
    pub(crate) async fn service_token(&self, service: &Service) -> String {
        let form = [("grant_type", "client_credentials")];
        self.send_as(service, "/oauth/token", &form).await.text("access_token")
    }

    /// What the audit trail says of one kind of event, newest first.
    pub(crate) async fn recorded(&self, event: &'static str) -> Vec<AuditEvent> {
        let page = Page { after: None, limit: 100 };
        let wanted = Wanted { event: Some(event.into()), ..Wanted::default() };
        self.database(move |c| audit::page(c, &page, &wanted)).await.rows
    }
}

impl Reply {
    /// Asserts that this is an error of RFC 6749 §5.2.
    pub(crate) fn assert_oauth_error(&self, status: u16, error: &str) {
        assert_eq!((self.status.as_u16(), self.body["error"].as_str()), (status, Some(error)), "{self:?}");
        assert_eq!(self.header("content-type"), "application/json");
        assert!(self.body["error_description"].is_string());
    }
}
