//! What the history says of a refusal beside its reason: what helps an admin to mend it, and never a
//! secret.

use serde_json::json;
use sqlx::PgPool;

use crate::harness::{Pkce, Signer, Stage, TestApp, seconds};

/// Of everything that was refused the reason, the detail, what was presented and what is registered.
async fn refused(stage: Stage, db: PgPool) -> Vec<String> {
    stage.app.stop().await;
    let app = TestApp::spawn(db).await;
    let told = "select string_agg(concat_ws('|', walked.reason, detail, presented, registered), E'\\n' order by first_at)
                from attempt, jsonb_to_recordset(steps)
                     as walked (step text, reason text, first_at timestamptz, detail text, presented text, registered text)
                where step in ('request_refused', 'token_refused')";
    let told = app.value(told).await.unwrap();
    told.lines().map(str::to_owned).collect()
}

#[sqlx::test]
async fn what_a_request_lacked_is_told(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    stage.open(&[("client_id", "")]).await.assert_page(400);
    let told = ["client_missing|client_id is missing"];
    assert_eq!(refused(stage, db).await, told);
}

#[sqlx::test]
async fn a_secret_that_came_as_the_client_id_is_named_and_not_kept(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    let secret = stage.client.secret.clone().unwrap();
    for id in ["nobody", &secret] {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            ("client_id", id),
            ("client_secret", "x"),
        ];
        let answer = stage.platform.post_bare(&fields).await;
        answer.assert_refused(401, "invalid_client");
        stage.app.clock.advance(seconds(1));
    }
    assert_eq!(
        refused(stage, db).await,
        [
            "client_unknown|client_secret_post|nobody",
            "client_id_is_secret|client_secret_post"
        ]
    );
}

#[sqlx::test]
async fn why_an_assertion_was_refused_is_told(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    let signer = Signer::p256("main");
    stage.app.register_keys(&stage.client, &[&signer]).await;
    let mut claims = stage.app.claims(&stage.client.id());
    claims["exp"] = json!(stage.app.now().timestamp() - 3600);
    let fields = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    let expired = signer.assertion(&claims);
    let platform = &stage.platform;
    let answer = platform
        .post_signed("/oauth/token", &expired, &fields)
        .await;
    answer.assert_refused(401, "invalid_client");
    stage.app.clock.advance(seconds(1));
    // With the secret that it no longer has.
    let answer = platform.post(&fields).await;
    answer.assert_refused(401, "invalid_client");
    assert_eq!(
        refused(stage, db).await,
        [
            "assertion_refused|the client_assertion has expired",
            "assertion_missing|client_secret_basic"
        ]
    );
}

#[sqlx::test]
async fn which_half_of_pkce_was_missing_is_told(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    let pkce = Pkce::default();
    let challenged = stage.approve(&pkce.parameters()).await;
    let answer = stage.platform.redeem(challenged.code(), &[]).await;
    answer.assert_refused(400, "invalid_grant");
    stage.app.clock.advance(seconds(1));
    let unchallenged = stage.approve(&[]).await;
    let verifier = ("code_verifier", pkce.verifier.as_str());
    let answer = stage
        .platform
        .redeem(unchallenged.code(), &[verifier])
        .await;
    answer.assert_refused(400, "invalid_grant");
    assert_eq!(
        refused(stage, db).await,
        [
            "verifier_missing|code_verifier is missing",
            "verifier_missing|code_verifier was sent, but the authorization request had no code_challenge"
        ]
    );
}

#[sqlx::test]
async fn a_refused_scope_is_told_and_no_other_request_is_kept(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    let scope = ("scope", "account:id everything");
    stage.open(&[scope]).await.location();
    stage.app.clock.advance(seconds(1));
    stage
        .open(&[scope, ("response_type", "token")])
        .await
        .location();
    assert_eq!(
        refused(stage, db).await,
        [
            "scope_refused|scope asks for more than the client is registered for|account:id everything|\
             account:id account:email account:profile account:attributes",
            "request_invalid|response_type must be code"
        ]
    );
}
