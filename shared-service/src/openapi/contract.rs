//! Whether a server does what its description says. For tests: what is not as described is a panic.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{collections::BTreeMap, sync::Arc};

use actix_web::web::Bytes;
use jsonschema::Validator;
use reqwest::{
    Method, Request, RequestBuilder,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;

use super::schema_cache::Schemas;

/// What is served beside the API, and not described by it.
const BESIDE: [&str; 2] = ["/openapi.json", "/docs"];

/// The description of an API, to check answers against.
#[derive(Debug)]
pub struct Contract {
    document: Value,
    operations: Vec<Operation>,
}

#[derive(Debug)]
struct Operation {
    method: Method,
    path: String,
    takes_nothing: bool,
    takes: Bodies,
    answers: BTreeMap<String, Answer>,
}

#[derive(Debug)]
struct Answer {
    headers: Vec<String>,
    bodies: Bodies,
}

/// What bodies must be, by their media types.
type Bodies = BTreeMap<String, Arc<Validator>>;

/// What came back, read to its end.
#[derive(Debug, Clone)]
pub struct Received {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Received {
    fn header(&self, name: impl AsRef<str>) -> Option<&str> {
        self.headers.get(name.as_ref())?.to_str().ok()
    }

    fn media_type(&self) -> Option<&str> {
        Some(self.header(CONTENT_TYPE)?.split(';').next()?.trim())
    }

    /// Whether this is the answer to what is no operation. Some paths are refused to strangers before anybody looks
    /// whether they are there.
    fn is_of_no_operation(&self, method: &Method) -> bool {
        match self.status {
            401 | 403 | 405 => true,
            404 => *method == Method::HEAD || self.tells_of_no_path(),
            _ => false,
        }
    }

    /// As a problem, or as an error of RFC 6749.
    fn tells_of_no_path(&self) -> bool {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["code"] == "not_found" || body["error_description"] == "Not Found"
    }
}

impl Contract {
    /// The contract that this description is.
    pub fn new(document: &OpenApi) -> Self {
        let document = serde_json::to_value(document).unwrap();
        let (mut sent, mut received) = (Schemas::open(&document), Schemas::closed(&document));
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let takes = operation.get("requestBody").map(|body| resolve(&document, body));
                let answers = operation["responses"].as_object().unwrap().iter();
                let answers = answers.map(|(status, answer)| {
                    (status.clone(), Answer::new(&mut received, resolve(&document, answer)))
                });
                operations.push(Operation {
                    method: method.to_uppercase().parse().unwrap(),
                    path: path.clone(),
                    takes_nothing: takes.is_none(),
                    takes: takes.map(|body| sent.bodies(body)).unwrap_or_default(),
                    answers: answers.collect(),
                });
            }
        }
        // A path that is told literally goes before one with a parameter at that place.
        operations.sort_by_key(|operation| operation.path.matches('{').count());
        Self { document, operations }
    }

    /// The description, as it is served.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The method and the path of every operation.
    pub fn operations(&self) -> impl Iterator<Item = (&Method, &str)> {
        self.operations.iter().map(|operation| (&operation.method, operation.path.as_str()))
    }

    /// Sends the request, and checks the answer.
    pub async fn send(&self, request: RequestBuilder) -> Received {
        let (client, request) = request.build_split();
        let request = request.unwrap();
        let sent = request.try_clone();
        let response = client.execute(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let received = Received { status, headers, body: response.bytes().await.unwrap() };
        if let Some(sent) = sent {
            self.check(&sent, &received);
        }
        received
    }

    /// Panics unless this answer to this request is as described.
    ///
    /// What is no operation must be answered as such: 404 `not_found`, 405, or a refusal. Preflights are no requests to an
    /// operation.
    pub fn check(&self, sent: &Request, received: &Received) {
        let (method, path) = (sent.method(), sent.url().path());
        let is_beside = |beside: &&str| {
            path.strip_prefix(beside).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if method == Method::OPTIONS || BESIDE.iter().any(is_beside) {
            return;
        }
        let faults = match self.find(method, path) {
            Some(operation) => operation.faults(sent, received),
            None if received.is_of_no_operation(method) => Vec::new(),
            None => vec!["no such operation is described".to_owned()],
        };
        let (status, body) = (received.status, String::from_utf8_lossy(&received.body));
        assert!(faults.is_empty(), "{method} {path} {status} {body}\n- {}", faults.join("\n- "));
    }

    fn find(&self, method: &Method, path: &str) -> Option<&Operation> {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.operations.iter().find(|operation| operation.method == method && fits(&operation.path, path))
    }
}

/// Whether this is a path of this template.
fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given => {}
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {}
            _ => return false,
        }
    }
}

impl Operation {
    fn faults(&self, sent: &Request, received: &Received) -> Vec<String> {
        let Some(answer) = self.answers.get(&received.status.to_string()) else {
            return vec!["this status is not described".to_owned()];
        };
        let mut faults = answer.faults(received, sent.method() == Method::HEAD);
        if received.status < 300 {
            faults.extend(self.faults_of_request(sent));
        }
        faults
    }

    /// What was taken must be described too. It may have members that are not: they are left alone.
    fn faults_of_request(&self, sent: &Request) -> Vec<String> {
        let body = sent.body().and_then(|body| body.as_bytes()).unwrap_or_default();
        if body.is_empty() || self.takes_nothing {
            return Vec::new();
        }
        let media_type =
            sent.headers().get(CONTENT_TYPE).map(|value| value.to_str().unwrap()).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        let Some(validator) = self.takes.get(media_type) else {
            return vec![format!("that it takes {media_type:?} is not described")];
        };
        errors("request", validator, &value_of(media_type, body))
    }
}

impl Answer {
    fn new(schemas: &mut Schemas, answer: &Value) -> Self {
        let headers = answer.get("headers").and_then(Value::as_object).into_iter().flatten();
        let headers = headers.filter(|(_, header)| !is_optional(header)).map(|(name, _)| name.clone());
        Self { headers: headers.collect(), bodies: schemas.bodies(answer) }
    }

    fn faults(&self, received: &Received, is_head: bool) -> Vec<String> {
        let missing = self.headers.iter().filter(|name| received.header(name).is_none());
        let mut faults: Vec<_> = missing.map(|name| format!("{name} is missing")).collect();
        match received.media_type() {
            None if self.bodies.is_empty() && received.body.is_empty() => {}
            None => faults.push("Content-Type is missing".to_owned()),
            Some(media_type) => match self.bodies.get(media_type) {
                None => faults.push(format!("a body of {media_type} is not described")),
                Some(_) if is_head => {}
                Some(validator) => {
                    faults.extend(errors("answer", validator, &value_of(media_type, &received.body)));
                }
            },
        }
        faults
    }
}

/// A header that is there in some answers only is described as one that may be null: that is how utoipa takes `Option`.
fn is_optional(header: &Value) -> bool {
    header["schema"]["type"].as_array().is_some_and(|types| types.contains(&json!("null")))
}

/// JSON as it is; forms as objects; all else is text.
fn value_of(media_type: &str, body: &[u8]) -> Value {
    match media_type {
        json if json.ends_with("json") => serde_json::from_slice(body).unwrap(),
        "application/x-www-form-urlencoded" => form(body),
        _ => String::from_utf8_lossy(body).into(),
    }
}

/// A parameter that stands more than once is an array.
fn form(body: &[u8]) -> Value {
    let mut members: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        members.entry(name.into_owned()).or_default().push(value.into());
    }
    let member = |mut values: Vec<Value>| if values.len() == 1 { values.remove(0) } else { values.into() };
    Value::Object(members.into_iter().map(|(name, values)| (name, member(values))).collect())
}

fn errors(what: &str, validator: &Validator, value: &Value) -> Vec<String> {
    validator
        .iter_errors(value)
        .map(|error| format!("{what}: {error} at {:?}", error.instance_path().as_str()))
        .collect()
}

/// What a reference stands for.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

#[cfg(test)]
#[path = "contract_tests.rs"]
mod tests;
