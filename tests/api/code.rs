//! Authorization codes: redeemed once, by the one they were issued to, in time (COD and PKC in the
//! abuse cases).

use std::collections::BTreeSet;

use sqlx::PgPool;

use crate::harness::{Pkce, Stage, basic, minutes, seconds, tokens};

/// What everybody is told who presents a code that never was.
const UNKNOWN: &str = "lg_ac_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[sqlx::test]
async fn cod_01_a_code_can_be_redeemed_only_once(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = stage.code().await;
    let first = tokens(&stage.redeem(&code).await);
    let second = stage.redeem(&code).await;
    second.assert_refused(400, "invalid_grant");
    assert!(stage.resolves(&first).await);
}

#[sqlx::test]
async fn cod_02_a_confidential_client_may_repeat_the_exchange_for_twenty_seconds(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = stage.code().await;
    let first = tokens(&stage.redeem(&code).await);
    for _ in 0..3 {
        stage
            .redeem(&code)
            .await
            .assert_refused(400, "invalid_grant");
    }
    stage.app.clock.advance(seconds(19));
    stage
        .redeem(&code)
        .await
        .assert_refused(400, "invalid_grant");
    assert!(stage.resolves(&first).await);
    assert_eq!(stage.app.only_link().await, "active");
}

#[sqlx::test]
async fn cod_02_a_later_replay_ends_the_link_and_its_tokens(db: PgPool) {
    let stage = Stage::set(db).await;
    // The last one comes long after the code itself has expired.
    for (number, span) in [(1, seconds(20)), (2, seconds(30)), (3, minutes(59))] {
        let code = stage.code().await;
        let first = tokens(&stage.redeem(&code).await);
        stage.app.clock.advance(span);
        stage
            .redeem(&code)
            .await
            .assert_refused(400, "invalid_grant");
        assert!(!stage.resolves(&first).await);
        let refreshed = stage.platform.refresh_with(&first.refresh, &[]).await;
        refreshed.assert_refused(400, "invalid_grant");
        let ended = "end_reason = 'code_replayed'";
        assert_eq!(stage.app.count("link", ended).await, number);
    }
}

#[sqlx::test]
async fn cod_02_a_public_clients_replay_ends_the_link_at_once(db: PgPool) {
    let stage = Stage::set_public(db).await;
    let code = stage.code().await;
    let first = tokens(&stage.redeem(&code).await);
    stage
        .redeem(&code)
        .await
        .assert_refused(400, "invalid_grant");
    assert!(!stage.resolves(&first).await);
    assert_eq!(stage.app.only_link().await, "ended by code_replayed");
}

#[sqlx::test]
async fn cod_02_a_stranger_with_a_code_from_a_log_ends_nothing(db: PgPool) {
    let stage = Stage::set(db).await;
    let other = stage.app.client().await;
    let pkce = Pkce::default();
    let code = stage.approve(&pkce.parameters()).await.code().to_owned();
    let verifier = [("code_verifier", pkce.verifier.as_str())];
    let first = tokens(&stage.platform.redeem(&code, &verifier).await);
    stage.app.clock.advance(seconds(60));
    let others = stage.app.platform(&other);
    others
        .redeem(&code, &verifier)
        .await
        .assert_refused(400, "invalid_grant");
    for more in [
        [("code_verifier", "")],
        [("code_verifier", pkce.challenge.as_str())],
        [("redirect_uri", "https://platform.test/other")],
    ] {
        let answer = stage.platform.redeem(&code, &more).await;
        answer.assert_refused(400, "invalid_grant");
    }
    assert!(stage.resolves(&first).await);
    assert_eq!(stage.app.only_link().await, "active");
}

#[sqlx::test]
async fn cod_03_a_code_dies_after_its_lifetime(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = stage.code().await;
    stage.app.clock.advance(seconds(119));
    assert_eq!(stage.redeem(&code).await.status, 200);
    let code = stage.code().await;
    stage.app.clock.advance(seconds(120));
    stage
        .redeem(&code)
        .await
        .assert_refused(400, "invalid_grant");
    assert_eq!(stage.app.count("link", "state = 'active'").await, 1);
}

#[sqlx::test]
async fn cod_03_a_clients_own_code_lifetime_counts(db: PgPool) {
    let stage = Stage::set(db).await;
    let longer = |client: &mut linkgate::client::Client| {
        client.settings.code_lifetime = minutes(10);
    };
    stage.app.change_client(&stage.client, longer).await;
    let code = stage.code().await;
    stage.app.clock.advance(minutes(10) - seconds(1));
    assert_eq!(stage.redeem(&code).await.status, 200);
}

#[sqlx::test]
async fn cod_04_a_code_is_worth_nothing_to_another_client_and_stays_good_for_its_own(db: PgPool) {
    let stage = Stage::set(db).await;
    let other = stage.app.client().await;
    let code = stage.code().await;
    let stolen = stage.app.platform(&other).redeem(&code, &[]).await;
    stolen.assert_refused(400, "invalid_grant");
    assert_eq!(stage.redeem(&code).await.status, 200);
}

#[sqlx::test]
async fn cod_05_the_redirect_uri_must_be_that_of_the_request(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = stage.code().await;
    for uri in [
        "",
        "https://platform.test/",
        "https://platform.test/Callback",
        "https://platform.test/callback?x=1",
        "https://platform.test/callback/",
        "https://platform.test:443/callback",
        "https://evil.test/",
    ] {
        let answer = stage.platform.redeem(&code, &[("redirect_uri", uri)]).await;
        answer.assert_refused(400, "invalid_grant");
    }
    let without = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
    ];
    stage
        .platform
        .post(&without)
        .await
        .assert_refused(400, "invalid_grant");
    assert_eq!(stage.redeem(&code).await.status, 200);
}

#[sqlx::test]
async fn cod_06_a_mistyped_code_is_answered_like_an_unknown_one(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = stage.code().await;
    let unknown = stage.redeem(UNKNOWN).await;
    unknown.assert_refused(400, "invalid_grant");
    let last = if code.ends_with('A') { "B" } else { "A" };
    let body = code.strip_prefix("lg_ac_").unwrap();
    for mistyped in [
        format!("{}{last}", code.get(..code.len() - 1).unwrap()),
        code.get(..code.len() - 1).unwrap().to_owned(),
        format!("{code}A"),
        code.to_uppercase(),
        code.to_lowercase(),
        format!("lg_rt_{body}"),
        body.to_owned(),
        format!(" {code}"),
        "' or true --".to_owned(),
        "x".repeat(10_000),
    ] {
        let answer = stage.redeem(&mistyped).await;
        assert_eq!(
            (answer.status, &answer.body),
            (400, &unknown.body),
            "{mistyped}"
        );
    }
    assert_eq!(stage.redeem(&code).await.status, 200);
}

#[sqlx::test]
async fn cod_07_no_other_secret_passes_for_a_code(db: PgPool) {
    let stage = Stage::set(db).await;
    let linked = stage.link().await;
    let page = stage.consent_page(&[]).await;
    let form = page.form("/consent");
    let (session, mark) = (stage.browser.cookie("sid"), stage.browser.cookie("txn"));
    for other in [
        linked.access.as_str(),
        linked.refresh.as_str(),
        session.as_deref().unwrap(),
        mark.as_deref().unwrap(),
        form.value("csrf"),
        form.value("named"),
        form.value("flow"),
        stage.client.secret.as_deref().unwrap(),
    ] {
        stage
            .redeem(other)
            .await
            .assert_refused(400, "invalid_grant");
    }
}

#[sqlx::test]
async fn cod_08_a_code_dies_with_its_account_or_its_link(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = stage.code().await;
    stage.app.disable(&stage.person).await;
    stage
        .redeem(&code)
        .await
        .assert_refused(400, "invalid_grant");
    assert_eq!(stage.app.only_link().await, "pending");
    stage.app.enable(&stage.person).await;

    stage.browser.log_in(&stage.person).await;
    let form = stage.browser.get("/account").await.form("/account/unlink");
    assert_eq!(stage.browser.submit(&form).await.status, 200);
    stage
        .redeem(&code)
        .await
        .assert_refused(400, "invalid_grant");
    assert_eq!(stage.app.only_link().await, "ended by account");
}

#[sqlx::test]
async fn a_disabled_client_redeems_nothing_and_keeps_the_code(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = stage.code().await;
    stage.app.disable_client(&stage.client).await;
    stage
        .redeem(&code)
        .await
        .assert_refused(401, "invalid_client");
    stage
        .app
        .change("update client set disabled_at = null")
        .await;
    assert_eq!(stage.redeem(&code).await.status, 200);
}

#[sqlx::test]
async fn cod_10_codes_are_long_and_never_repeat_and_only_their_hash_is_stored(db: PgPool) {
    let stage = Stage::set(db).await;
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        let code = stage.code().await;
        let body = code.strip_prefix("lg_ac_").unwrap();
        assert_eq!(body.len(), 43, "256 bits in base64url");
        let stored = stage.app.count_hashes("link", "code_hash", &code);
        assert_eq!(stored.await, 1);
        assert!(seen.insert(code));
    }
    let starts: BTreeSet<_> = seen.iter().map(|code| code.get(6..10)).collect();
    assert_eq!(starts.len(), 20, "no shared prefix: {seen:?}");
}

#[sqlx::test]
async fn a_missing_code_is_said_to_be_missing(db: PgPool) {
    let stage = Stage::set(db).await;
    for code in ["", " "] {
        let answer = stage.platform.redeem(code, &[]).await;
        assert!(["invalid_request", "invalid_grant"].contains(&answer.error().as_str()));
        assert_eq!(answer.status, 400);
    }
    let nothing = stage
        .platform
        .post(&[("grant_type", "authorization_code")])
        .await;
    nothing.assert_refused(400, "invalid_request");
    // Who doesn't authenticate is told nothing else.
    let wrong = basic(&stage.platform.client_id, "lg_cs_wrong");
    let headers = [("authorization", wrong.as_str())];
    let answer = stage
        .platform
        .post_raw("grant_type=authorization_code", &headers)
        .await;
    answer.assert_refused(401, "invalid_client");
}

#[sqlx::test]
async fn cod_02_a_replay_is_told_in_the_links_history(db: PgPool) {
    let stage = Stage::set_public(db).await;
    let code = stage.code().await;
    tokens(&stage.redeem(&code).await);
    for _ in 0..2 {
        stage
            .redeem(&code)
            .await
            .assert_refused(400, "invalid_grant");
    }
    let watching = stage.app.second_node().await;
    stage.app.stop().await;
    let ended = "kind = 'link_ended' and detail = 'code_replayed' and link_id is not null";
    assert_eq!(watching.count("event", ended).await, 1);
}
