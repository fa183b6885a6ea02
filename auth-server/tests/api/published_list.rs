//! Status lists as a stranger reads them: by the key set, zlib and the draft alone.

use std::io::Read;

use auth_server::{
    error::ApiError,
    store::schema::{sessions, status_counter},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use diesel::prelude::*;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use shared_service::{database::DbConnection, openapi::Received};

use crate::app::{CONTRACT, TestApp, Tokens};

/// A list whose signature, type, subject and times are right.
#[derive(Debug)]
pub(crate) struct PublishedList {
    pub(crate) headers: HeaderMap,
    pub(crate) jwt: String,
    pub(crate) claims: Value,
    bytes: Vec<u8>,
}

impl PublishedList {
    /// One bit, as the draft counts them: eight to a byte, the least significant first.
    pub(crate) fn bit(&self, idx: u64) -> bool {
        let idx = usize::try_from(idx).unwrap();
        self.bytes[idx / 8] & (1 << (idx % 8)) != 0
    }

    /// How many bits there are, and how many of them are set.
    pub(crate) fn size_and_set(&self) -> (usize, u32) {
        (self.bytes.len() * 8, self.bytes.iter().map(|byte| byte.count_ones()).sum())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// The claims of a token, whoever made it.
pub(crate) fn claims_of(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

/// The list that a token names, and its place there.
pub(crate) fn place_of(access_token: &str) -> (String, u64) {
    let reference = &claims_of(access_token)["status"]["status_list"];
    (reference["uri"].as_str().unwrap().to_owned(), reference["idx"].as_u64().unwrap())
}

impl TestApp {
    /// Whether the status list that this access token names says that it was revoked.
    pub(crate) async fn is_revoked(&self, access_token: &str) -> bool {
        let (uri, idx) = place_of(access_token);
        self.status_list(&uri).await.bit(idx)
    }

    /// Fetches the list of this address from this server, and checks it.
    pub(crate) async fn status_list(&self, uri: &str) -> PublishedList {
        let path = uri.strip_prefix(self.state.config.issuer.as_str()).unwrap();
        let Received { status, headers, body } = CONTRACT.send(self.request(Method::GET, path)).await;
        assert_eq!(status, StatusCode::OK, "{uri}");
        let jwt = String::from_utf8(body.into()).unwrap();
        assert_eq!(headers["content-type"], "application/statuslist+jwt");
        let claims = self.check(&jwt).await;
        assert_eq!(claims["sub"], uri);
        let now = self.clock.now_secs();
        let (iat, exp) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
        assert!(iat <= now && now < exp, "{claims} at {now}");
        assert_eq!(claims["status_list"]["bits"], 1);
        let lst = URL_SAFE_NO_PAD.decode(claims["status_list"]["lst"].as_str().unwrap()).unwrap();
        let mut bytes = Vec::new();
        flate2::read::ZlibDecoder::new(lst.as_slice()).read_to_end(&mut bytes).unwrap();
        PublishedList { headers, jwt, claims, bytes }
    }

    pub(crate) async fn database<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> QueryResult<T> + Send + 'static,
    ) -> T {
        self.state.store.transaction::<_, ApiError, _>(|c| Ok(work(c)?)).await.unwrap()
    }

    pub(crate) async fn log_out(&self, link: &str) {
        let reply = self.post("/auth/logout", json!({"refresh_token": link})).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT);
    }

    pub(crate) async fn list_of(&self, tokens: &Tokens) -> PublishedList {
        self.status_list(&place_of(&tokens.access).0).await
    }

    pub(crate) async fn assert_revoked(&self, revoked: &[&Tokens], good: &[&Tokens]) {
        for tokens in revoked {
            assert!(self.is_revoked(&tokens.access).await, "{:?}", place_of(&tokens.access));
        }
        for tokens in good {
            assert!(!self.is_revoked(&tokens.access).await, "{:?}", place_of(&tokens.access));
        }
    }

    pub(crate) async fn status_of(&self, uri: &str) -> StatusCode {
        let path = uri.strip_prefix(self.state.config.issuer.as_str()).unwrap();
        let answer = CONTRACT.send(self.request(Method::GET, path)).await;
        StatusCode::from_u16(answer.status).unwrap()
    }

    pub(crate) async fn set_counter(&self, next_index: i64) {
        let row = status_counter::next_index.eq(next_index);
        self.database(move |c| diesel::update(status_counter::table).set(row).execute(c)).await;
    }

    /// Deletes the session's row, as if the database had never heard of it.
    pub(crate) async fn forget_session(&self, access_token: &str) {
        let id = claims_of(access_token)["sid"].as_str().unwrap().to_owned();
        let row = sessions::table.filter(sessions::id.eq(id));
        assert_eq!(self.database(move |c| diesel::delete(row).execute(c)).await, 1);
    }

    async fn check(&self, jwt: &str) -> Value {
        let header = jsonwebtoken::decode_header(jwt).unwrap();
        assert_eq!((header.typ.as_deref(), header.alg), (Some("statuslist+jwt"), Algorithm::RS256));
        let jwks = self.get("/.well-known/jwks.json").await.body;
        let kid = json!(header.kid.unwrap());
        let key = jwks["keys"].as_array().unwrap().iter().find(|key| key["kid"] == kid).unwrap();
        let text = |member: &str| key[member].as_str().unwrap();
        let key = DecodingKey::from_rsa_components(text("n"), text("e")).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        // The times are those of the test's clock.
        validation.validate_exp = false;
        jsonwebtoken::decode::<Value>(jwt, &key, &validation).unwrap().claims
    }
}
