//! `/oauth/introspect` (RFC 7662): what a token is good for, told to those who may know.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::harness::{Answer, Platform, Stage, days, hours, seconds, tokens};

/// Fails unless the answer says no and nothing else.
#[track_caller]
fn assert_inactive(answer: &Answer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json(), json!({ "active": false }));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

async fn facts(platform: &Platform, token: &str) -> Value {
    let answer = platform.introspect(token).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Another client, with or without the right to ask about all tokens.
async fn other(stage: &Stage, introspect_all: bool) -> Platform {
    let client = stage.app.client().await;
    let allow = |client: &mut linkgate::client::Client| {
        client.settings.introspect_all = introspect_all;
    };
    stage.app.change_client(&client, allow).await;
    stage.app.platform(&client)
}

#[sqlx::test]
async fn an_access_token_is_described_to_its_own_client(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = stage.approve(&[("scope", "account:email")]).await;
    let link = tokens(&stage.redeem(code.code()).await);
    let expected = json!({
        "active": true,
        "scope": "account:id account:email",
        "client_id": stage.client.id(),
        "sub": stage.person.id,
        "token_type": "Bearer",
        "exp": 1_777_890_600,
        "iat": 1_777_887_000,
        "iss": stage.app.issuer(),
        "aud": stage.app.issuer(),
    });
    assert_eq!(facts(&stage.platform, &link.access).await, expected);
}

#[sqlx::test]
async fn a_narrowed_access_token_is_described_as_narrow_as_it_is(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let narrower = [("scope", "account:profile")];
    let narrowed = tokens(&stage.platform.refresh_with(&link.refresh, &narrower).await);
    let facts = facts(&stage.platform, &narrowed.access).await;
    assert_eq!(facts["scope"], "account:id account:profile");
}

#[sqlx::test]
async fn a_refresh_token_is_active_as_long_as_refreshing_would_succeed(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    let expected = json!({
        "active": true,
        "scope": first.scope,
        "client_id": stage.client.id(),
        "sub": stage.person.id,
        "exp": 1_777_887_000 + 400 * 86_400,
        "iss": stage.app.issuer(),
        "aud": stage.app.issuer(),
    });
    assert_eq!(facts(&stage.platform, &first.refresh).await, expected);
    let second = tokens(&stage.platform.refresh_with(&first.refresh, &[]).await);
    // Its answer may have been lost.
    assert_eq!(facts(&stage.platform, &first.refresh).await["active"], true);
    let third = tokens(&stage.platform.refresh_with(&second.refresh, &[]).await);
    assert_inactive(&stage.platform.introspect(&first.refresh).await);
    assert_eq!(facts(&stage.platform, &third.refresh).await["active"], true);
    stage.app.clock.advance(days(400));
    assert_inactive(&stage.platform.introspect(&third.refresh).await);
    // Asking changes nothing: even the stale one did not end the link.
    assert_eq!(stage.app.only_link().await, "active");
}

#[sqlx::test]
async fn whatever_is_not_good_is_inactive_and_nothing_else(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let code = stage.code().await;
    for token in [
        "x",
        "lg_at_",
        "lg_at_AAAA",
        "lg_rt_AAAA",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
        "토큰",
        &code,
        &stage.browser.cookie("sid").unwrap(),
        &link.refresh.replace("lg_rt_", "lg_at_"),
        &format!("{}A", link.access),
        &"x".repeat(60_000),
    ] {
        assert_inactive(&stage.platform.introspect(token).await);
    }
    stage.app.disable(&stage.person).await;
    assert_inactive(&stage.platform.introspect(&link.access).await);
    assert_inactive(&stage.platform.introspect(&link.refresh).await);
    stage
        .app
        .change("update account set disabled_at = null")
        .await;
    stage.app.clock.advance(hours(1));
    assert_inactive(&stage.platform.introspect(&link.access).await);
    let link = tokens(&stage.platform.refresh_with(&link.refresh, &[]).await);
    stage.platform.revoke(&link.access).await;
    assert_inactive(&stage.platform.introspect(&link.access).await);
    let link = tokens(&stage.platform.refresh_with(&link.refresh, &[]).await);
    for token in [&link.access, &link.refresh] {
        assert_eq!(facts(&stage.platform, token).await["active"], true);
    }
    stage.platform.revoke(&link.refresh).await;
    for token in [&link.access, &link.refresh] {
        assert_inactive(&stage.platform.introspect(token).await);
    }
}

#[sqlx::test]
async fn res_05_a_client_learns_nothing_of_anothers_tokens(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let stranger = other(&stage, false).await;
    assert_inactive(&stranger.introspect(&link.access).await);
    assert_inactive(&stranger.introspect(&link.refresh).await);
}

#[sqlx::test]
async fn a_client_with_the_right_asks_about_all_access_tokens(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let gateway = other(&stage, true).await;
    let told = facts(&gateway, &link.access).await;
    assert_eq!(told["active"], true);
    assert_eq!(told["client_id"], stage.client.id());
    stage.app.disable_client(&stage.client).await;
    assert_inactive(&gateway.introspect(&link.access).await);
}

#[sqlx::test]
async fn res_03_a_gateway_never_takes_a_refresh_token_for_an_access_token(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let gateway = other(&stage, true).await;
    assert_inactive(&gateway.introspect(&link.refresh).await);
    let own = facts(&stage.platform, &link.refresh).await;
    assert_eq!(own.get("token_type"), None);
}

#[sqlx::test]
async fn only_a_client_with_a_secret_may_ask(db: PgPool) {
    let stage = Stage::set_public(db).await;
    let link = stage.link().await;
    let answer = stage.platform.introspect(&link.access).await;
    answer.assert_refused(401, "invalid_client");
    let confidential = stage.app.client().await;
    let form = ("content-type", "application/x-www-form-urlencoded");
    let id = confidential.id();
    let bearer = format!("Bearer {}", link.access);
    let body = format!("token={}", link.access);
    for (body, headers) in [
        (body.clone(), vec![form]),
        (body.clone(), vec![form, ("authorization", bearer.as_str())]),
        (format!("{body}&client_id={id}"), vec![form]),
        (format!("{body}&client_id={id}&client_secret=x"), vec![form]),
    ] {
        let path = "/oauth/introspect";
        let answer = stage.platform.send("POST", path, &body, &headers).await;
        answer.assert_refused(401, "invalid_client");
        assert!(!answer.body.contains("active"));
    }
}

#[sqlx::test]
async fn it_is_a_post_with_one_token(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let path = format!("/oauth/introspect?token={}", link.access);
    let answer = stage.platform.send("GET", &path, "", &[]).await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    let token = ("token", link.access.as_str());
    for fields in [vec![], vec![("token", "")], vec![token, token]] {
        let answer = stage.platform.post_to("/oauth/introspect", &fields).await;
        answer.assert_refused(400, "invalid_request");
    }
    let answer = stage.platform.post_to(&path, &[token]).await;
    answer.assert_refused(400, "invalid_request");
    for hint in ["refresh_token", "access_token", "x"] {
        let fields = [token, ("token_type_hint", hint)];
        let answer = stage.platform.post_to("/oauth/introspect", &fields).await;
        assert_eq!(answer.json()["active"], true, "{hint}");
    }
}

#[sqlx::test]
async fn a_database_that_fails_is_never_an_inactive_token(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    stage
        .app
        .change_schema("alter table link rename to gone")
        .await;
    for token in [&link.access, &link.refresh] {
        let answer = stage.platform.introspect(token).await;
        assert!(answer.status >= 500, "{answer:?}");
    }
}

#[sqlx::test]
async fn asking_counts_as_use_and_refusals_are_in_the_links_history(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    facts(&stage.platform, &link.access).await;
    stage.app.clock.advance(hours(1) + seconds(1));
    assert_inactive(&stage.platform.introspect(&link.access).await);
    let watching = stage.app.second_node().await;
    stage.app.stop().await;
    let used = watching.count("link", "last_used_at is not null").await;
    assert_eq!(used, 1);
    let refused = watching.count("event", "kind = 'refused:access'").await;
    assert_eq!(refused, 1);
}
