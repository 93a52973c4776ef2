//! What each provider does in its own way.

use serde_json::json;
use sqlx::PgPool;

use super::Scene;

const OPEN: [(&str, &str); 1] = [("LINKGATE_SIGNUP", "open")];

#[sqlx::test]
async fn naver_nests_what_it_says_and_refuses_with_a_result_code(db: PgPool) {
    let scene = Scene::bare(db, &OPEN).await;
    scene.set_up("naver").await;
    let browser = scene.app.browser();
    let said = json!({ "resultcode": "00", "message": "success", "response": {
        "id": "naver-1", "email": "sora@naver.com", "name": "이소라" } });
    scene
        .there
        .with(|playing| playing.about = Some((200, said)));
    let there = scene.leave(&browser, "/login", "naver").await;
    assert!(
        there.contains("/nid.naver.com/oauth2.0/authorize?"),
        "{there}"
    );
    assert!(
        !there.contains("scope=") && !there.contains("code_challenge"),
        "{there}"
    );
    let query = scene.there.sign_in(&there);
    let back = scene.come_back(&browser, "naver", &query).await;
    assert_eq!(back.location(), "/signup/with");
    let posted = scene.there.with(|playing| playing.asked[0].clone());
    assert_eq!(posted.0, "/nid.naver.com/oauth2.0/token");
    assert!(
        posted.1.contains("state=") && posted.1.contains("client_secret="),
        "{posted:?}"
    );
    // The address may be anybody's, so it has to be proven here.
    let page = browser.get("/signup/with").await;
    let form = page.form("/signup/with");
    assert_eq!(
        (form.value("email"), form.value("name")),
        ("sora@naver.com", "이소라")
    );
    let asked = browser.submit(&form).await;
    assert!(asked.location().starts_with("/verify?"), "{asked:?}");

    for said in [
        json!({ "resultcode": "024", "message": "Authentication failed" }),
        json!({}),
        json!([]),
    ] {
        scene
            .there
            .with(|playing| playing.about = Some((200, said)));
        let other = scene.app.browser();
        scene
            .round_trip(&other, "/login", "naver")
            .await
            .assert_page(400);
    }
    // It refuses codes with status 200.
    let refused =
        json!({ "error": "invalid_request", "error_description": "no valid data in session" });
    scene
        .there
        .with(|playing| playing.token = Some((200, refused)));
    scene
        .round_trip(&scene.app.browser(), "/login", "naver")
        .await
        .assert_page(400);
}

#[sqlx::test]
async fn kakao_may_leave_the_address_out_and_says_whether_it_is_proven(db: PgPool) {
    let scene = Scene::bare(db, &OPEN).await;
    scene.set_up("kakao").await;
    let about = |subject: u64, account| json!({ "id": subject, "kakao_account": account });
    let mut subject = 100;
    for (account, proven) in [
        (json!({ "profile": { "nickname": "소라" } }), false),
        (
            json!({ "email": "a@kakao.com", "is_email_valid": true, "is_email_verified": false }),
            false,
        ),
        (
            json!({ "email": "b@kakao.com", "is_email_valid": true, "is_email_verified": true }),
            true,
        ),
    ] {
        subject += 1;
        scene.person(&subject.to_string(), None);
        scene
            .there
            .with(|playing| playing.about = Some((200, about(subject, account))));
        let browser = scene.app.browser();
        let back = scene.round_trip(&browser, "/login", "kakao").await;
        assert_eq!(back.location(), "/signup/with", "{back:?}");
        let page = browser.get("/signup/with").await;
        assert_eq!(page.body.contains("readonly"), proven, "{page:?}");
    }
    // The ID token and the answer have to be about one person.
    scene
        .there
        .with(|playing| playing.about = Some((200, about(999, json!({})))));
    scene
        .round_trip(&scene.app.browser(), "/login", "kakao")
        .await
        .assert_page(400);
    let there = scene.leave(&scene.app.browser(), "/login", "kakao").await;
    assert!(
        there.contains("scope=openid+profile_nickname+account_email"),
        "{there}"
    );
}

#[sqlx::test]
async fn line_signs_with_the_channel_secret_or_with_its_keys(db: PgPool) {
    let scene = Scene::bare(db, &OPEN).await;
    scene.set_up("line").await;
    scene.person("U1", Some(("sora@line.me", true)));
    for (alg, status) in [
        (Some("HS256"), 303),
        (Some("HS256 with the public key"), 400),
        (Some("none"), 400),
        // RS256 is not what it signs with.
        (None, 400),
    ] {
        scene.there.with(|playing| playing.alg = alg);
        let back = scene
            .round_trip(&scene.app.browser(), "/login", "line")
            .await;
        assert_eq!(back.status, status, "{alg:?}: {back:?}");
    }
    let signer = std::sync::Arc::new(crate::harness::Signer::p256("line"));
    scene.there.with(|playing| {
        playing.published = vec![signer.jwk()];
        playing.signer = signer;
    });
    scene.app.clock.advance(crate::harness::minutes(2));
    scene
        .there
        .with(|playing| playing.person["now"] = json!(scene.app.now().timestamp()));
    let browser = scene.app.browser();
    let back = scene.round_trip(&browser, "/login", "line").await;
    assert_eq!(back.location(), "/signup/with", "{back:?}");
    // It does not say that it has proven the address.
    assert!(!browser.get("/signup/with").await.body.contains("readonly"));
}

#[sqlx::test]
async fn google_is_offered_in_browsers_and_not_in_web_views(db: PgPool) {
    let scene = Scene::bare(db, &OPEN).await;
    scene.set_up("google").await;
    scene.set_up("line").await;
    let browser = scene.app.browser();
    let back = scene.round_trip(&browser, "/login", "google").await;
    assert_eq!(back.location(), "/signup/with");
    let page = browser.get("/signup/with").await;
    assert!(page.body.contains("readonly"), "{page:?}");
    let form = super::button(&browser.get("/login").await, "google");
    let inside = "Mozilla/5.0 (Linux; Android 14; SM-S918N; wv) AppleWebKit/537.36 (KHTML, like Gecko) \
                  Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36";
    for page in ["/login", "/signup"] {
        let asked = browser.request("GET", page).header("user-agent", inside);
        let page = browser.send(asked).await;
        assert!(
            !page.body.contains("/login/with/google") && page.body.contains("/login/with/line")
        );
    }
    let turned = browser.submit_with(&form, &[("user-agent", inside)]).await;
    turned.assert_page(400);
    assert!(turned.text().contains("inside this app"), "{turned:?}");
}

#[sqlx::test]
async fn an_openid_provider_is_asked_about_the_person_where_the_id_token_says_too_little(
    db: PgPool,
) {
    let scene = Scene::set(db).await;
    scene.person("person-9", None);
    let told = json!({ "sub": "person-9", "email": "nine@example.com", "email_verified": true });
    scene
        .there
        .with(|playing| playing.about = Some((200, told)));
    let browser = scene.app.browser();
    scene.round_trip(&browser, "/login", "company").await;
    let page = browser.get("/signup/with").await;
    assert_eq!(page.form("/signup/with").value("email"), "nine@example.com");
    assert!(page.body.contains("readonly"));
    let other = json!({ "sub": "person-8", "email": "eight@example.com", "email_verified": true });
    scene
        .there
        .with(|playing| playing.about = Some((200, other)));
    scene
        .round_trip(&scene.app.browser(), "/login", "company")
        .await
        .assert_page(400);
}
