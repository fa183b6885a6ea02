//! The description of the API. Whether it is true is asked by every test, with every answer it gets (`app::CONTRACT`).

use std::process::Command;

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::app::{CONTRACT, TestApp};

#[actix_rt::test]
async fn every_operation_that_is_described_is_a_route() {
    let app = TestApp::spawn().await;
    let administrator = app.admin("root").await;
    let lists = app.get("/oauth/status-lists").await;
    let (_, number) = lists.body["status_lists"][0].as_str().unwrap().rsplit_once('/').unwrap();
    CONTRACT.expect_routes(&app.url, Some(&administrator.access), &[("number", number)]).await;
}

#[actix_rt::test]
async fn the_description_is_for_everybody() {
    CONTRACT.expect_document(&TestApp::spawn().await.url).await;
}

#[actix_rt::test]
async fn the_page_that_shows_it_loads_nothing_from_elsewhere() {
    CONTRACT.expect_docs(&TestApp::spawn().await.url).await;
}

#[test]
fn the_command_prints_it_without_any_settings() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_auth-server"));
    let folder = tempfile::tempdir().unwrap();
    let output = program.env_clear().current_dir(&folder).arg("openapi").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(&serde_json::from_slice::<Value>(&output.stdout).unwrap(), CONTRACT.document());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "nothing is made");
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_what_it_does() {
    CONTRACT.expect_names();
}

/// The page that shows the description fills them in.
#[actix_rt::test]
async fn the_examples_of_requests_are_good_ones() {
    let app = TestApp::spawn().await;
    let example = |path: &str| {
        let body = &CONTRACT.document()["paths"][path]["post"]["requestBody"];
        body["content"]["application/json"]["example"].clone()
    };
    for (path, status) in [("/auth/signup", StatusCode::CREATED), ("/auth/login", StatusCode::OK)] {
        let reply = app.post(path, example(path)).await;
        assert_eq!(reply.status, status, "{reply:?}");
    }
    let root = app.admin("root").await;
    let added = app.call(&root.access, Method::POST, "/admin/users", example("/admin/users")).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
}
