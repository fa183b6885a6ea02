//! Whether a server does what its description says. For tests: what is not as described is a panic.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{collections::BTreeMap, sync::Arc};

use actix_web::web::Bytes;
use jsonschema::Validator;
use reqwest::{
    Method, Request, RequestBuilder,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde_json::Value;
use utoipa::openapi::OpenApi;

use super::schema_cache::Schemas;

/// What is served beside the API, and not described by it.
const BESIDE: [&str; 2] = ["/openapi.json", "/docs"];

/// What is refused to strangers before anybody looks whether it is there.
pub(super) const GUARDED: &str = "/admin";

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
    /// Those of the query, and whether they must be there.
    parameters: BTreeMap<String, bool>,
    takes: Bodies,
    needs_body: bool,
    answers: BTreeMap<String, Answer>,
}

#[derive(Debug)]
struct Answer {
    /// Those that are always there.
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

    /// Whether this is the answer to what is no operation.
    fn is_of_no_operation(&self, method: &Method, path: &str) -> bool {
        match self.status {
            405 => true,
            401 | 403 => is_under(GUARDED, path),
            404 => *method == Method::HEAD || self.tells_of_no_path(),
            _ => false,
        }
    }

    /// As a problem, or as an error of RFC 6749.
    pub(super) fn tells_of_no_path(&self) -> bool {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["code"] == "not_found" || body["error_description"] == "Not Found"
    }
}

impl Contract {
    /// The contract that this description is.
    pub fn new(document: &OpenApi) -> Self {
        Self::of(serde_json::to_value(document).unwrap())
    }

    fn of(document: Value) -> Self {
        let (mut sent, mut received) = (Schemas::open(&document), Schemas::closed(&document));
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let takes =
                    operation.get("requestBody").map_or(&Value::Null, |body| resolve(&document, body));
                let answers = operation["responses"].as_object().unwrap().iter();
                let answers = answers.map(|(status, answer)| {
                    (status.clone(), Answer::new(&mut received, resolve(&document, answer)))
                });
                operations.push(Operation {
                    method: method.to_uppercase().parse().unwrap(),
                    path: path.clone(),
                    parameters: query_parameters(&document, operation),
                    takes: sent.bodies(takes),
                    needs_body: takes["required"] == true,
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
        let sent = request.try_clone().unwrap();
        let response = client.execute(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let received = Received { status, headers, body: response.bytes().await.unwrap() };
        self.check(&sent, &received);
        received
    }

    /// Panics unless this answer to this request is as described.
    ///
    /// What is no operation must be answered as such: 404 `not_found` or 405, or under `/admin` a refusal. Preflights are no
    /// requests to an operation.
    pub fn check(&self, sent: &Request, received: &Received) {
        let (method, path) = (sent.method(), sent.url().path());
        if method == Method::OPTIONS || BESIDE.iter().any(|beside| is_under(beside, path)) {
            return;
        }
        let faults = match self.find(method, path) {
            Some(operation) => operation.faults(sent, received),
            None if received.is_of_no_operation(method, path) => Vec::new(),
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

/// Whether this is that path, or one below it.
pub(super) fn is_under(top: &str, path: &str) -> bool {
    path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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

    /// What was taken must be described too. Bodies may have members that are not: they are left alone.
    fn faults_of_request(&self, sent: &Request) -> Vec<String> {
        let given: Vec<_> = sent.url().query_pairs().map(|(name, _)| name).collect();
        let unknown = given.iter().filter(|name| !self.parameters.contains_key(name.as_ref()));
        let mut faults: Vec<_> =
            unknown.map(|name| format!("the parameter {name} is not described")).collect();
        let needed = self.parameters.iter().filter(|(_, is_needed)| **is_needed).map(|(name, _)| name);
        let missing = needed.filter(|name| !given.iter().any(|given| given == *name));
        faults.extend(missing.map(|name| format!("it was taken without the parameter {name}")));
        faults.extend(self.faults_of_body(sent));
        faults
    }

    fn faults_of_body(&self, sent: &Request) -> Vec<String> {
        let body = sent.body().and_then(|body| body.as_bytes()).unwrap_or_default();
        if body.is_empty() {
            let fault = self.needs_body.then(|| "it was taken without a body".to_owned());
            return fault.into_iter().collect();
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
        let headers = headers.filter(|(_, header)| header["required"] == true).map(|(name, _)| name.clone());
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

/// The parameters of the query, and whether they must be there.
fn query_parameters(document: &Value, operation: &Value) -> BTreeMap<String, bool> {
    let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let parameters = parameters.map(|parameter| resolve(document, parameter));
    let of_query = parameters.filter(|parameter| parameter["in"] == "query");
    of_query
        .map(|parameter| (parameter["name"].as_str().unwrap().into(), parameter["required"] == true))
        .collect()
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
