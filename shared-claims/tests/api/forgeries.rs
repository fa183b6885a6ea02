use std::collections::HashSet;

use shared_claims::{
    Clock, KeySet, Principal, VerifyError,
    testing::{TestIssuer, forgeries},
};

use super::support::AUDIENCE;

#[tokio::test]
async fn every_forgery_is_refused() {
    let issuer = TestIssuer::new("https://auth.example.com");
    let verifier = issuer.verifier(AUDIENCE);
    for forgery in forgeries(&issuer, AUDIENCE) {
        let result = verifier.verify(&forgery.token).await;
        assert!(matches!(result, Err(VerifyError::Invalid(_))), "{}: {result:?}", forgery.name);
    }
}

/// Otherwise the table would prove nothing: a verifier that refuses everything passes it.
#[tokio::test]
async fn the_tokens_that_forgeries_are_made_from_are_accepted() {
    let issuer = TestIssuer::new("https://auth.example.com");
    let verifier = issuer.verifier(AUDIENCE);
    let user = verifier.verify(&issuer.user("mallory").audience(AUDIENCE).sign()).await.unwrap();
    let service = verifier.verify(&issuer.service("svc_mallory").audience(AUDIENCE).sign()).await.unwrap();
    assert!(matches!(user.principal(), Principal::User(user) if user.username == "mallory"));
    assert_eq!(service.principal(), Principal::Service { client_id: "svc_mallory" });
}

#[test]
fn the_table_is_long_and_can_be_sent_in_headers() {
    let issuer = TestIssuer::new("https://auth.example.com");
    let table = forgeries(&issuer, AUDIENCE);
    let names: HashSet<_> = table.iter().map(|forgery| &forgery.name).collect();
    assert!(table.len() > 200, "{}", table.len());
    assert_eq!(names.len(), table.len(), "two forgeries have one name");
    for forgery in &table {
        assert!(forgery.token.bytes().all(|byte| byte.is_ascii_graphic()), "{}", forgery.name);
        assert!(forgery.token.len() < 16 * 1024, "{}", forgery.name);
    }
}

/// With a clock of its own the table is the same on a machine whose date is wrong.
#[tokio::test]
async fn forgeries_are_as_of_the_issuers_clock() {
    let issuer = TestIssuer::new("https://auth.example.com").with_clock(Clock::fixed_at(4_000_000_000_000));
    let verifier = issuer.verifier(AUDIENCE);
    verifier.verify(&issuer.user("alice").audience(AUDIENCE).sign()).await.unwrap();
    for forgery in forgeries(&issuer, AUDIENCE) {
        assert!(verifier.verify(&forgery.token).await.is_err(), "{}", forgery.name);
    }
}

#[tokio::test]
async fn a_rotated_issuer_signs_with_another_key() {
    let mut issuer = TestIssuer::new("https://auth.example.com").with_audience(AUDIENCE);
    let (verifier, old_kids) = (issuer.verifier(AUDIENCE), kids(&issuer.keys()));
    issuer.rotate();
    assert_ne!(kids(&issuer.keys()), old_kids);
    assert!(verifier.verify(&issuer.user("alice").sign()).await.is_err());
    issuer.verifier(AUDIENCE).verify(&issuer.user("alice").sign()).await.unwrap();
}

fn kids(keys: &KeySet) -> Vec<String> {
    keys.kids().map(str::to_owned).collect()
}
