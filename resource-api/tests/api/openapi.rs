use std::process::Command;

use serde_json::Value;

use crate::support::{CONTRACT, TestApp};

#[actix_web::test]
async fn every_operation_that_is_described_is_a_route() {
    CONTRACT.expect_routes(&TestApp::spawn().await.base, None, &[]).await;
}

#[actix_web::test]
async fn the_description_is_for_everybody() {
    CONTRACT.expect_document(&TestApp::spawn().await.base).await;
}

#[actix_web::test]
async fn the_page_that_shows_it_loads_nothing_from_elsewhere() {
    CONTRACT.expect_docs(&TestApp::spawn().await.base).await;
}

#[test]
fn the_command_prints_it_without_any_settings() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_resource-api"));
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
