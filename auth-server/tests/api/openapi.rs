//! The description of the API. Whether it is true is asked by every test, with every answer it gets (`app::CONTRACT`).

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

use crate::app::{CONTRACT, TestApp};

#[actix_rt::test]
async fn every_operation_that_is_described_is_a_route() {
    CONTRACT.expect_routes(&TestApp::spawn().await.url).await;
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
    let paths = CONTRACT.document()["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    let tags = CONTRACT.document()["tags"].as_array().unwrap();
    let mut names = BTreeSet::new();
    for operation in operations {
        assert!(names.insert(operation["operationId"].as_str().unwrap()), "{operation}");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{operation}");
        let [tag] = operation["tags"].as_array().unwrap().as_slice() else { panic!("{operation}") };
        assert!(tags.iter().any(|known| known["name"] == *tag && known["description"].is_string()), "{tag}");
    }
}
