use serde_json::json;

use super::*;

fn contract() -> Contract {
    let problem =
        json!({ "type": "object", "required": ["code"], "properties": { "code": { "type": "string" } } });
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "t", "version": "1" },
        "paths": {
            "/things/{id}": {
                "get": { "parameters": [
                    { "in": "path", "name": "id", "required": true },
                    { "in": "query", "name": "cursor", "required": false },
                ], "responses": {
                    "200": { "description": "", "headers": {
                        "ETag": { "required": true, "schema": { "type": "string" } },
                        "Vary": { "required": false, "schema": { "type": "string" } } }, "content": {
                        "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } },
                    "404": { "$ref": "#/components/responses/Missing" },
                } },
                "put": {
                    "requestBody": { "required": true, "content": {
                        "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } },
                    "responses": { "204": { "description": "" } },
                },
            },
        },
        "components": {
            "schemas": {
                "Problem": problem,
                "Base": { "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } } },
                "Thing": { "allOf": [
                    { "$ref": "#/components/schemas/Base" },
                    { "type": "object", "properties": { "at": { "type": "string", "format": "date-time" } } },
                ] },
            },
            "responses": { "Missing": { "description": "", "content": {
                "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } } },
        },
    });
    Contract::of(document)
}

fn request(method: Method, path: &str, body: Option<Value>) -> Request {
    let request = reqwest::Client::new().request(method, format!("http://localhost{path}"));
    body.into_iter().fold(request, |request, body| request.json(&body)).build().unwrap()
}

fn received(status: u16, media_type: &str, body: &Value) -> Received {
    let headers = [("content-type", media_type), ("etag", "\"1\"")].into_iter();
    let headers = headers.filter(|(_, value)| !value.is_empty());
    let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    let body = if body.is_null() { String::new() } else { body.to_string() };
    Received { status, headers: headers.collect(), body: body.into() }
}

fn faults(request: &Request, received: &Received) -> Vec<String> {
    let contract = contract();
    contract.find(request.method(), request.url().path()).unwrap().faults(request, received)
}

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

#[test]
fn an_answer_as_described_is_right() {
    let get = request(Method::GET, "/things/1", None);
    assert!(faults(&get, &received(200, JSON, &json!({ "id": 1 }))).is_empty());
    assert!(faults(&get, &received(200, "application/json; charset=utf-8", &json!({ "id": 1 }))).is_empty());
    assert!(faults(&get, &received(404, PROBLEM, &json!({ "code": "thing_not_found" }))).is_empty());
    assert!(faults(&request(Method::HEAD, "/things/1", None), &received(200, JSON, &Value::Null)).is_empty());
    let put = request(Method::PUT, "/things/1", Some(json!({ "id": 1, "unknown": true })));
    assert!(faults(&put, &received(204, "", &Value::Null)).is_empty());
    let page = request(Method::GET, "/things/1?cursor=a%20b", None);
    assert!(faults(&page, &received(200, JSON, &json!({ "id": 1 }))).is_empty());
}

#[test]
fn whatever_is_not_as_described_is_found() {
    let get = request(Method::GET, "/things/1", None);
    for answer in [
        received(201, JSON, &json!({ "id": 1 })),
        received(200, PROBLEM, &json!({ "id": 1 })),
        received(200, "", &Value::Null),
        received(200, JSON, &json!({})),
        received(200, JSON, &json!({ "id": "1" })),
        received(200, JSON, &json!({ "id": 1, "more": 1 })),
        received(200, JSON, &json!({ "id": 1, "at": "yesterday" })),
        received(404, PROBLEM, &json!({ "code": 1 })),
        Received { headers: HeaderMap::new(), ..received(200, JSON, &json!({ "id": 1 })) },
    ] {
        assert!(!faults(&get, &answer).is_empty(), "{answer:?}");
    }
    let put = request(Method::PUT, "/things/1", Some(json!({ "at": "2026-11-18T11:06:40Z" })));
    assert!(!faults(&put, &received(204, "", &Value::Null)).is_empty(), "a request that is not described");
    let put = request(Method::PUT, "/things/1", Some(json!({ "id": 1 })));
    assert!(
        !faults(&put, &received(204, JSON, &json!({ "id": 1 }))).is_empty(),
        "a body that is not described"
    );
}

#[test]
fn a_request_that_was_taken_though_it_is_not_described_is_found() {
    let thing = json!({ "id": 1 });
    let with_unknown = request(Method::GET, "/things/1?cursor=a&q=b", None);
    let with_body = request(Method::GET, "/things/1", Some(thing.clone()));
    for get in [with_unknown, with_body] {
        assert!(!faults(&get, &received(200, JSON, &thing)).is_empty(), "{get:?}");
        assert!(faults(&get, &received(404, PROBLEM, &json!({ "code": "no" }))).is_empty(), "it was refused");
    }
    let without_body = request(Method::PUT, "/things/1", None);
    assert!(!faults(&without_body, &received(204, "", &Value::Null)).is_empty());
}

#[test]
fn what_is_no_operation_is_answered_as_such() {
    let contract = contract();
    for path in ["/", "/things", "/things/", "/things/1/2"] {
        let get = request(Method::GET, path, None);
        contract.check(&get, &received(404, PROBLEM, &json!({ "code": "not_found" })));
        let of_oauth = json!({ "error": "invalid_request", "error_description": "Not Found" });
        contract.check(&get, &received(404, JSON, &of_oauth));
        let refused = received(401, PROBLEM, &json!({ "code": "missing_token" }));
        contract.check(&request(Method::GET, &format!("/admin{path}"), None), &refused);
        let (found, missing) =
            (received(200, JSON, &json!({})), received(404, PROBLEM, &json!({ "code": "x" })));
        for other in [found, missing, refused] {
            let check = std::panic::AssertUnwindSafe(|| contract.check(&get, &other));
            assert!(std::panic::catch_unwind(check).is_err(), "{path} {other:?}");
        }
    }
}

#[test]
fn a_parameter_of_a_form_that_stands_more_than_once_is_an_array() {
    assert_eq!(form(b"a=1&b=x+y&a=2"), json!({ "a": ["1", "2"], "b": "x y" }));
}
