use auth_server::store::users;
use futures_util::future::{join_all, join4};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{PASSWORD, Reply, TestApp, Tokens};

const NEW: &str = "an entirely new phrase";

async fn change_with(app: &TestApp, access: &str, body: Value) -> Reply {
    Reply::of(app.as_user(Method::PUT, "/auth/user/password", access, &body)).await
}

async fn change(app: &TestApp, access: &str) -> Reply {
    change_with(app, access, json!({"current_password": PASSWORD, "new_password": NEW})).await
}

#[actix_rt::test]
async fn a_new_password_ends_the_users_other_sessions_and_this_one_goes_on() {
    let app = TestApp::spawn().await;
    let (here, bob) = (app.user("alice").await, app.user("bobby").await);
    let elsewhere = [app.log_in("alice").await, app.log_in("alice").await];
    let reply = change(&app, &here.access).await;
    assert_eq!((reply.status, &reply.body), (StatusCode::NO_CONTENT, &json!(null)));
    for tokens in &elsewhere {
        app.assert_ended(tokens).await;
    }
    app.assert_alive(&here).await;
    app.assert_alive(&bob).await;
    app.log_in_with("alice", PASSWORD).await.assert_problem(401, "invalid_credentials");
    app.assert_alive(&app.log_in_with("alice", NEW).await.tokens()).await;
}

#[actix_rt::test]
async fn a_new_password_obeys_the_rules_of_signup() {
    let app = TestApp::spawn().await;
    let email = "zanzibar-orchid@example.org";
    let body = json!({"username": "Quetzalcoatl.99", "password": PASSWORD, "email": email});
    assert_eq!(app.post("/auth/signup", body).await.status, StatusCode::CREATED);
    let here = app.log_in("Quetzalcoatl.99").await;
    let long = format!("{PASSWORD}{}", "!".repeat(73 - PASSWORD.len()));
    let easy = ["password1", "Quetzalcoatl.99", email];
    let bad = ["", "short", "1234567", "a good phrase\0", &long];
    for new in bad.iter().chain(&easy) {
        let body = json!({"current_password": PASSWORD, "new_password": new});
        assert_eq!(change_with(&app, &here.access, body).await.faulty_fields(), ["new_password"], "{new}");
    }
    for new in [json!(null), json!(12_345_678), json!(["a good phrase"])] {
        let body = json!({"current_password": PASSWORD, "new_password": new});
        assert_eq!(change_with(&app, &here.access, body).await.faulty_fields(), ["new_password"], "{new}");
    }
    app.assert_alive(&app.log_in("Quetzalcoatl.99").await).await;
}

#[actix_rt::test]
async fn a_new_password_is_normalised_and_may_have_72_bytes() {
    let app = TestApp::spawn().await;
    let here = app.user("alice").await;
    let decomposed = "ein scho\u{308}nes Wort fu\u{308}r alle";
    let body = json!({"current_password": PASSWORD, "new_password": decomposed});
    assert_eq!(change_with(&app, &here.access, body).await.status, StatusCode::NO_CONTENT);
    let composed = "ein sch\u{f6}nes Wort f\u{fc}r alle";
    app.log_in_with("alice", composed).await.tokens();
    let longest = format!("{NEW}{}", "ü".repeat((72 - NEW.len()) / 2));
    assert_eq!(longest.len(), 72);
    let body = json!({"current_password": composed, "new_password": longest});
    assert_eq!(change_with(&app, &here.access, body).await.status, StatusCode::NO_CONTENT);
    app.log_in_with("alice", &longest).await.tokens();
}

#[actix_rt::test]
async fn a_wrong_current_password_is_told_and_changes_nothing() {
    let app = TestApp::spawn_without_limits().await;
    let (here, elsewhere) = (app.user("alice").await, app.log_in("alice").await);
    for wrong in ["", "wrong", NEW, &PASSWORD.to_uppercase(), &"x".repeat(73), "\0"] {
        let body = json!({"current_password": wrong, "new_password": NEW});
        let reply = change_with(&app, &here.access, body).await;
        assert_eq!(reply.faulty_fields(), ["current_password"], "{wrong}");
        assert_eq!(reply.header("www-authenticate"), "", "the token is not at fault");
    }
    let missing = change_with(&app, &here.access, json!({"new_password": NEW})).await;
    assert_eq!(missing.faulty_fields(), ["current_password"]);
    app.assert_alive(&here).await;
    app.assert_alive(&elsewhere).await;
    app.log_in("alice").await;
}

#[actix_rt::test]
async fn what_can_be_seen_without_hashing_is_told_before_it() {
    let app = TestApp::spawn().await;
    let here = app.user("alice").await;
    let body = json!({"current_password": "wrong", "new_password": "short"});
    assert_eq!(change_with(&app, &here.access, body).await.faulty_fields(), ["new_password"]);
}

#[actix_rt::test]
async fn a_password_change_that_is_overtaken_by_another_change_does_nothing() {
    let app = TestApp::spawn_without_limits().await;
    let (here, elsewhere) = (app.user("alice").await, app.log_in("alice").await);
    let id = app.session(&here.access).await.user_id;
    let body = json!({"current_password": PASSWORD, "new_password": NEW});
    let request = app.as_user(Method::PUT, "/auth/user/password", &here.access, &body);
    let reply = app.overtaken(request, move |c| Ok(users::touch(c, &id).map(drop)?)).await;
    reply.assert_problem(409, "changed_meanwhile");
    app.assert_alive(&here).await;
    app.assert_alive(&elsewhere).await;
    app.log_in("alice").await;
}

#[actix_rt::test]
async fn of_parallel_password_changes_one_succeeds() {
    let app = TestApp::spawn_without_limits().await;
    let beside = app.spawn_beside().await;
    let first = app.user("alice").await;
    let others = join_all((0..7).map(|_| app.log_in("alice"))).await;
    let sessions: Vec<&Tokens> = std::iter::once(&first).chain(&others).collect();
    let phrase = |n: usize| format!("{NEW} of number {n}");
    let changes = sessions.iter().enumerate().map(|(n, session)| {
        let body = json!({"current_password": PASSWORD, "new_password": phrase(n)});
        change_with(if n % 2 == 0 { &app } else { &beside }, &session.access, body)
    });
    let replies = join_all(changes).await;
    let winners: Vec<usize> = (0..8).filter(|n| replies[*n].status == StatusCode::NO_CONTENT).collect();
    assert_eq!(winners.len(), 1, "{replies:?}");
    for (n, session) in sessions.into_iter().enumerate() {
        if n == winners[0] {
            app.assert_alive(session).await;
        } else {
            // He read before the winner wrote, or after: then his session has ended.
            assert!(matches!(replies[n].status.as_u16(), 409 | 401), "{:?}", replies[n]);
            app.assert_ended(session).await;
        }
    }
    app.log_in_with("alice", &phrase(winners[0])).await.tokens();
}

#[actix_rt::test]
async fn a_login_that_verified_the_old_password_starts_no_session_after_the_change() {
    let app = TestApp::spawn_without_limits().await;
    app.user("alice").await;
    let request =
        app.request(Method::POST, "/auth/login").json(&json!({"username": "alice", "password": PASSWORD}));
    let found =
        app.state.store.run::<_, auth_server::error::ApiError, _>(|c| Ok(users::find_by_name(c, "alice")?));
    let user = found.await.unwrap().unwrap().user;
    let change = app.change();
    let reply = app.overtaken(request, move |c| {
        Ok(auth_server::accounts::changes::set_password(c, &user, &user.password_hash, None, &change)?)
    });
    reply.await.assert_problem(401, "invalid_credentials");
}

#[actix_rt::test]
async fn refreshes_and_logins_that_race_a_password_change_neither_fail_nor_revive() {
    let app = TestApp::spawn_without_limits().await;
    let beside = app.spawn_beside().await;
    let here = app.user("alice").await;
    let elsewhere = join_all((0..4).map(|_| app.log_in("alice"))).await;
    let server = |n: usize| if n.is_multiple_of(2) { &app } else { &beside };
    let logins = join_all((0..8).map(|n| server(n).log_in_with("alice", PASSWORD)));
    let own = join_all((0..8).map(|n| server(n).refresh(&here.refresh)));
    let other = join_all((0..16).map(|n| server(n / 4).refresh(&elsewhere[n % 4].refresh)));
    let (changed, logins, own, other) = join4(change(&app, &here.access), logins, own, other).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT);
    for reply in own {
        app.assert_alive(&reply.tokens()).await;
    }
    for reply in logins {
        if reply.status == StatusCode::OK {
            app.assert_ended(&reply.tokens()).await;
        } else {
            reply.assert_problem(401, "invalid_credentials");
        }
    }
    for reply in other {
        if reply.status == StatusCode::OK {
            app.assert_ended(&reply.tokens()).await;
        } else {
            reply.assert_problem(401, "invalid_refresh_token");
        }
    }
}

#[actix_rt::test]
async fn refreshes_at_the_moment_of_a_password_change_neither_fail_nor_revive() {
    let app = TestApp::spawn_with(&[("AUTH__SESSIONS__REFRESH_GRACE", "0s")]).await;
    let (mut here, mut elsewhere) = (app.user("alice").await, app.log_in("alice").await);
    let change = actix_rt::spawn({
        let body = json!({"current_password": PASSWORD, "new_password": NEW});
        Reply::of(app.as_user(Method::PUT, "/auth/user/password", &here.access, &body))
    });
    let mut refreshes = 0;
    while !change.is_finished() {
        here = app.refresh(&here.refresh).await.tokens();
        if let reply @ Reply { status: StatusCode::OK, .. } = app.refresh(&elsewhere.refresh).await {
            elsewhere = reply.tokens();
            refreshes += 1;
        }
    }
    assert_eq!(change.await.unwrap().status, StatusCode::NO_CONTENT);
    assert!(refreshes > 0);
    app.assert_ended(&elsewhere).await;
    app.assert_alive(&here).await;
}

#[actix_rt::test]
async fn when_every_hashing_thread_is_busy_a_change_is_told_to_come_back() {
    let app =
        TestApp::spawn_with(&[("AUTH__LIMITS__ENABLED", "false"), ("AUTH__PASSWORDS__BCRYPT_COST", "12")])
            .await;
    let here = app.user("alice").await;
    let attempts = 40 * std::thread::available_parallelism().unwrap().get();
    let replies = join_all((0..attempts).map(|_| change(&app, &here.access))).await;
    let refused: Vec<&Reply> =
        replies.iter().filter(|reply| reply.status == StatusCode::SERVICE_UNAVAILABLE).collect();
    assert!(!refused.is_empty());
    for reply in refused {
        reply.assert_problem(503, "unavailable");
        assert_ne!(reply.header("retry-after"), "");
    }
    let changed = replies.iter().filter(|reply| reply.status == StatusCode::NO_CONTENT).count();
    let password = if changed == 0 { PASSWORD } else { NEW };
    assert!(changed <= 1);
    app.log_in_with("alice", password).await.tokens();
    app.assert_alive(&here).await;
}
