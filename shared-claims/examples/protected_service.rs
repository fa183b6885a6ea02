//! A notebook that is protected by Latchkey tokens. Users read and write their own notes; services read everybody's.
//!
//! ```sh
//! cargo run -p shared-claims --features actix --example protected_service
//! curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8083/notes
//! ```
//!
//! `ISSUER` (default `http://localhost:8081`) is the auth-server, and `resource-api` the audience that its tokens have
//! unless it is configured for more.

use std::{collections::HashMap, env, error::Error, sync::Mutex};

use actix_web::{
    App, HttpResponse, HttpServer, Responder, get, post,
    web::{Data, Json},
};
use shared_claims::{
    Principal, Verifier,
    actix::{Authorized, AuthorizedUser, Requirement},
};

struct Read;

impl Requirement for Read {
    const SCOPE: Option<&'static str> = Some("posts:read");
}

struct Write;

impl Requirement for Write {
    const SCOPE: Option<&'static str> = Some("posts:write");
}

/// Notes by the id of their author: names can change hands, ids cannot.
type Notes = Mutex<HashMap<String, Vec<String>>>;

#[get("/notes")]
async fn list(caller: Authorized<Read>, notes: Data<Notes>) -> actix_web::Result<impl Responder> {
    let notes =
        notes.lock().map_err(|_| actix_web::error::ErrorInternalServerError("the notes are damaged"))?;
    let visible: Vec<String> = match caller.principal() {
        Principal::User(user) => notes.get(user.id).cloned().unwrap_or_default(),
        Principal::Service { .. } => notes.values().flatten().cloned().collect(),
    };
    Ok(Json(visible))
}

#[post("/notes")]
async fn add(
    author: AuthorizedUser<Write>,
    note: Json<String>,
    notes: Data<Notes>,
) -> actix_web::Result<impl Responder> {
    let mut notes =
        notes.lock().map_err(|_| actix_web::error::ErrorInternalServerError("the notes are damaged"))?;
    notes.entry(author.id.clone()).or_default().push(note.into_inner());
    Ok(HttpResponse::Created().finish())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = env::var("ISSUER").unwrap_or_else(|_| "http://localhost:8081".to_owned());
    let verifier = Data::new(Verifier::builder(issuer, "resource-api").build()?);
    let notes = Data::new(Notes::default());
    let server = HttpServer::new(move || {
        App::new().app_data(verifier.clone()).app_data(notes.clone()).service(list).service(add)
    });
    Ok(server.bind("127.0.0.1:8083")?.run().await?)
}
