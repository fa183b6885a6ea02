use serde_json::Value;

use crate::support::{TestApp, column, read_all};

#[actix_web::test]
async fn it_has_own_and_followed_posts_newest_first_and_no_others() {
    let app = TestApp::spawn().await;
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| app.user(name));
    bob.publish("b1").await;
    alice.publish("a1").await;
    carol.publish("c1").await;
    alice.follow("bob").await;
    bob.publish("b2").await;

    let timeline = alice.get("/api/timeline").await.expect(200);
    assert_eq!(column(&timeline, "content"), ["b2", "a1", "b1"]);
    assert_eq!(column(&timeline, "author"), ["bob", "alice", "bob"]);
    assert_eq!(timeline["next_cursor"], Value::Null);
    assert_eq!(column(&bob.get("/api/timeline").await.expect(200), "content"), ["b2", "b1"]);

    alice.delete("/api/users/bob/follow").await.expect(204);
    assert_eq!(column(&alice.get("/api/timeline").await.expect(200), "content"), ["a1"]);
}

#[actix_web::test]
async fn paging_neither_loses_nor_doubles_an_item_while_posts_come_and_go() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice");
    let mut expected = Vec::new();
    for n in 0..10 {
        expected.insert(0, alice.publish(&n.to_string()).await);
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = alice.get(&format!("/api/timeline?limit=3{cursor}")).await.expect(200);
        seen.extend(column(&page, "id"));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        alice.publish("newer than what was read").await;
        // Every other time the post that the cursor stands on goes as well; it must lead on all the same.
        if seen.len() % 2 == 0 {
            let last = seen.last().unwrap();
            alice.delete(&format!("/api/posts/{last}")).await.expect(204);
        }
    }
    assert_eq!(seen, expected);
}

#[actix_web::test]
async fn a_page_has_twenty_items_unless_told_otherwise() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice");
    for n in 0..21 {
        alice.publish(&n.to_string()).await;
    }
    assert_eq!(column(&alice.get("/api/timeline").await.expect(200), "id").len(), 20);
    assert_eq!(column(&alice.get("/api/timeline?limit=100").await.expect(200), "id").len(), 21);
    assert_eq!(read_all(&alice, "/api/users/alice/posts", 5, "id").await.len(), 21);
}

#[actix_web::test]
async fn a_page_that_cannot_be_given_names_the_parameter_at_fault() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice");
    for list in [
        "/api/timeline",
        "/api/users/alice/posts",
        "/api/users/alice/followers",
        "/api/users/alice/following",
    ] {
        for limit in ["0", "101", "-1", "x", "1.5"] {
            assert_eq!(alice.get(&format!("{list}?limit={limit}")).await.expect_faults(), ["limit"]);
        }
        for cursor in ["x", "AAAA", "%00", "0192f0c1-2345-7000-8000-000000000000"] {
            assert_eq!(alice.get(&format!("{list}?cursor={cursor}")).await.expect_faults(), ["cursor"]);
        }
        assert_eq!(alice.get(&format!("{list}?limit=0&cursor=x")).await.expect_faults(), ["limit", "cursor"]);
    }
}
