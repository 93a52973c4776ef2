//! Proof keys at the token endpoint (PKC in the abuse cases).

use sqlx::PgPool;

use crate::harness::{Answer, Pkce, Redirect, Stage};

async fn code_for(stage: &Stage, pkce: &Pkce) -> String {
    stage.approve(&pkce.parameters()).await.code().to_owned()
}

async fn redeem_with(stage: &Stage, code: &str, verifier: &str) -> Answer {
    stage
        .platform
        .redeem(code, &[("code_verifier", verifier)])
        .await
}

#[sqlx::test]
async fn pkc_02_a_challenge_needs_its_verifier(db: PgPool) {
    let stage = Stage::set(db).await;
    let pkce = Pkce::default();
    let code = code_for(&stage, &pkce).await;
    for wrong in ["", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX"] {
        redeem_with(&stage, &code, wrong)
            .await
            .assert_refused(400, "invalid_grant");
    }
    stage
        .redeem(&code)
        .await
        .assert_refused(400, "invalid_grant");
    assert_eq!(redeem_with(&stage, &code, &pkce.verifier).await.status, 200);
}

#[sqlx::test]
async fn pkc_03_a_verifier_without_a_challenge_is_a_downgrade(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = stage.code().await;
    let verifier = Pkce::default().verifier;
    redeem_with(&stage, &code, &verifier)
        .await
        .assert_refused(400, "invalid_grant");
    assert_eq!(stage.redeem(&code).await.status, 200);
}

#[sqlx::test]
async fn pkc_05_the_challenge_itself_is_no_verifier(db: PgPool) {
    let stage = Stage::set_public(db).await;
    let code = stage.code().await;
    let challenge = Pkce::default().challenge;
    redeem_with(&stage, &code, &challenge)
        .await
        .assert_refused(400, "invalid_grant");
}

#[sqlx::test]
async fn pkc_06_an_illegal_verifier_is_refused_even_if_it_fits(db: PgPool) {
    let stage = Stage::set(db).await;
    let illegal = format!("{}+", "a".repeat(42));
    for verifier in [
        "a".repeat(42),
        "a".repeat(129),
        illegal,
        "é".repeat(30),
        " ".repeat(43),
    ] {
        let code = code_for(&stage, &Pkce::of(&verifier)).await;
        let answer = redeem_with(&stage, &code, &verifier).await;
        answer.assert_refused(400, "invalid_grant");
    }
    for verifier in ["a".repeat(43), "-._~".repeat(32)] {
        let code = code_for(&stage, &Pkce::of(&verifier)).await;
        assert_eq!(redeem_with(&stage, &code, &verifier).await.status, 200);
    }
}

#[sqlx::test]
async fn pkc_07_the_fifth_wrong_verifier_ends_it(db: PgPool) {
    let stage = Stage::set(db).await;
    let pkce = Pkce::default();
    let page = stage.consent_page(&pkce.parameters()).await;
    let redirect = Redirect::of(&stage.browser.decide(&page, "approve").await);
    let guess = |number: usize| format!("{number}{}", "g".repeat(42));
    for number in 0..4 {
        let answer = redeem_with(&stage, redirect.code(), &guess(number)).await;
        answer.assert_refused(400, "invalid_grant");
        assert_eq!(stage.app.only_link().await, "pending");
    }
    let answer = redeem_with(&stage, redirect.code(), &guess(4)).await;
    answer.assert_refused(400, "invalid_grant");
    assert_eq!(stage.app.only_link().await, "ended by wrong_verifier");
    let right = redeem_with(&stage, redirect.code(), &pkce.verifier).await;
    right.assert_refused(400, "invalid_grant");
    // Nor can it be had again from the consent page.
    stage
        .browser
        .decide(&page, "approve")
        .await
        .assert_page(409);
}

#[sqlx::test]
async fn pkc_07_another_clients_guesses_count_for_nothing(db: PgPool) {
    let stage = Stage::set(db).await;
    let other = stage.app.client().await;
    let pkce = Pkce::default();
    let code = code_for(&stage, &pkce).await;
    let others = stage.app.platform(&other);
    for _ in 0..6 {
        let wrong = "g".repeat(43);
        let answer = others.redeem(&code, &[("code_verifier", &wrong)]).await;
        answer.assert_refused(400, "invalid_grant");
    }
    let unauthenticated = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("client_id", stage.platform.client_id.as_str()),
        ("redirect_uri", stage.platform.redirect_uri.as_str()),
        ("code_verifier", pkce.challenge.as_str()),
    ];
    for _ in 0..6 {
        let answer = stage.platform.post_bare(&unauthenticated).await;
        answer.assert_refused(401, "invalid_client");
    }
    assert_eq!(redeem_with(&stage, &code, &pkce.verifier).await.status, 200);
}

#[sqlx::test]
async fn cod_09_a_code_planted_in_anothers_callback_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let attacker = stage.app.person("attacker@example.com").await;
    let own = Pkce::of(&"a".repeat(43));
    let victims = Pkce::default();
    for client in [stage.client.clone(), stage.app.public_client().await] {
        let platform = stage.app.platform(&client);
        let url = platform.url_with(&own.parameters());
        let planted = stage.app.browser().approve(&attacker, &url).await;
        // The platform redeems it in the victim's session, with the verifier of the victim's request.
        let verifier = [("code_verifier", victims.verifier.as_str())];
        let answer = platform.redeem(planted.code(), &verifier).await;
        answer.assert_refused(400, "invalid_grant");
    }
    let url = stage.platform.url_with(&[]);
    let planted = stage.app.browser().approve(&attacker, &url).await;
    let answer = redeem_with(&stage, planted.code(), &victims.verifier).await;
    answer.assert_refused(400, "invalid_grant");
    assert_eq!(stage.app.count("link", "state = 'active'").await, 0);
}

#[sqlx::test]
async fn pkc_07_the_fifth_wrong_verifier_is_told_in_the_links_history(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = code_for(&stage, &Pkce::default()).await;
    for _ in 0..5 {
        let answer = redeem_with(&stage, &code, &"g".repeat(43)).await;
        answer.assert_refused(400, "invalid_grant");
    }
    let watching = stage.app.second_node().await;
    stage.app.stop().await;
    let ended = "kind = 'link_ended' and detail = 'wrong_verifier' and link_id is not null";
    assert_eq!(watching.count("event", ended).await, 1);
}
