//! From the button to an account: one's own, a new one, and never somebody else's.

use linkgate::{
    account::invitation::{NewInvitation, USUAL_DAYS},
    mail::Recipient,
};
use sqlx::PgPool;

use super::Scene;
use crate::harness::{Redirect, minutes, tokens};

#[sqlx::test]
async fn a_person_signs_up_with_another_account_on_the_way_to_linking(db: PgPool) {
    let scene = Scene::set(db).await;
    let client = scene.app.client().await;
    let platform = scene.app.platform(&client);
    let browser = scene.app.browser();
    let login = browser.get(&platform.url_with(&[])).await;
    let back = scene
        .round_trip(&browser, login.location(), "company")
        .await;
    assert!(
        back.location().starts_with("/signup/with?flow="),
        "{back:?}"
    );
    let page = browser.get(back.location()).await;
    assert!(page.text().contains("Speaker"), "{page:?}");
    assert_eq!(page.form("/signup/with").value("name"), "이소라");
    let done = browser
        .submit(&page.form("/signup/with").with("name", "소라"))
        .await;
    assert!(done.location().starts_with("/consent?flow="), "{done:?}");
    let consent = browser.get(done.location()).await;
    let redirect = Redirect::of(&browser.decide(&consent, "approve").await);
    let tokens = tokens(&platform.redeem(redirect.code(), &[]).await);
    let resolved = platform.resolve(&tokens.access).await.json();
    assert_eq!(resolved["account"]["email"], "sora@example.com");
    assert_eq!(resolved["account"]["name"], "소라");
    assert_eq!(scene.app.count("account", "password_hash is null").await, 1);

    // And from then on it is one tap, in any browser.
    let other = scene.app.browser();
    let login = other.get(&platform.url_with(&[])).await;
    let back = scene.round_trip(&other, login.location(), "company").await;
    assert!(back.location().starts_with("/consent?flow="), "{back:?}");
    other.get(back.location()).await.assert_page(200);
    assert_eq!(
        scene
            .app
            .count("connected_sign_in", "last_used_at is not null")
            .await,
        1
    );
}

#[sqlx::test]
async fn an_address_that_has_an_account_opens_it_to_nobody(db: PgPool) {
    let scene = Scene::set(db).await;
    let person = scene.app.person("sora@example.com").await;
    let browser = scene.app.browser();
    let back = scene.round_trip(&browser, "/login", "company").await;
    assert_eq!(back.location(), "/login?connect=1");
    assert_eq!(browser.get("/account").await.location(), "/login");
    assert_eq!(scene.app.count("connected_sign_in", "true").await, 0);
    let login = browser.get(back.location()).await;
    assert!(login.text().contains("already has"), "{login:?}");

    // After a login with the password it is asked, and only a yes connects.
    let after = browser
        .log_in_at("/login?connect=1", &person.email, crate::harness::PASSWORD)
        .await;
    assert_eq!(after.location(), "/login/connect");
    assert_eq!(scene.app.count("connected_sign_in", "true").await, 0);
    let page = browser.get("/login/connect").await;
    let form = page.form("/login/connect").with("decision", "connect");
    assert_eq!(browser.submit(&form).await.location(), "/account/security");
    assert_eq!(scene.app.count("connected_sign_in", "true").await, 1);
    let letter = scene.mail.letter_to("sora@example.com").await;
    assert!(letter.subject.contains("Company"), "{letter:?}");
    assert_eq!(
        scene.app.count("event", "kind = 'sign_in_connected'").await,
        1
    );
    let other = scene.app.browser();
    let back = scene.round_trip(&other, "/login", "company").await;
    assert_eq!(back.location(), "/account");
}

#[sqlx::test]
async fn not_now_connects_nothing_and_is_not_asked_again(db: PgPool) {
    let scene = Scene::set(db).await;
    let person = scene.app.person("sora@example.com").await;
    let browser = scene.app.browser();
    scene.round_trip(&browser, "/login", "company").await;
    browser
        .log_in_at("/login", &person.email, crate::harness::PASSWORD)
        .await;
    let page = browser.get("/login/connect").await;
    let form = page.form("/login/connect").with("decision", "not");
    browser.submit(&form).await;
    assert_eq!(scene.app.count("connected_sign_in", "true").await, 0);
    browser.log_in(&person).await;
}

#[sqlx::test]
async fn an_address_that_the_provider_has_not_proven_is_proven_by_a_code(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.app.person("taken@example.com").await;
    for (subject, email) in [("a", Some(("taken@example.com", false))), ("b", None)] {
        scene.person(subject, email);
        let browser = scene.app.browser();
        let back = scene.round_trip(&browser, "/login", "company").await;
        // Whether anybody has it is not told.
        assert_eq!(back.location(), "/signup/with");
        let page = browser.get("/signup/with").await;
        let email = format!("{subject}@example.com");
        let form = page.form("/signup/with").with("email", &email);
        let asked = browser.submit(&form).await;
        assert!(asked.location().starts_with("/verify?ticket="), "{asked:?}");
        assert_eq!(
            scene.app.count("connected_sign_in", "true").await,
            i64::from(subject != "a")
        );
        let code = scene.mail.letter_to(&email).await.code().unwrap();
        let page = browser.get(asked.location()).await;
        let typed = browser
            .submit(&page.form("/verify").with("code", &code))
            .await;
        assert!(
            typed.location().starts_with("/signup/with?ticket="),
            "{typed:?}"
        );
        let page = browser.get(typed.location()).await;
        let done = browser.submit(&page.form("/signup/with")).await;
        assert_eq!(done.location(), "/account", "{done:?}");
        assert_eq!(
            scene
                .app
                .count("account", &format!("email = '{email}'"))
                .await,
            1
        );
    }
    // An address of somebody else gets a letter, and no code.
    scene.person("c", None);
    let browser = scene.app.browser();
    scene.round_trip(&browser, "/login", "company").await;
    let page = browser.get("/signup/with").await;
    browser
        .submit(&page.form("/signup/with").with("email", "taken@example.com"))
        .await;
    assert_eq!(scene.mail.letter_to("taken@example.com").await.code(), None);
    assert_eq!(
        scene.app.count("connected_sign_in", "subject = 'c'").await,
        0
    );
}

#[sqlx::test]
async fn race_06_two_taps_on_two_nodes_make_one_account(db: PgPool) {
    let scene = Scene::set(db).await;
    let settings = [
        ("LINKGATE_SIGNUP", "open"),
        ("LINKGATE_PROVIDER_STAND_IN", scene.there.url.as_str()),
    ];
    let second = scene.app.node_with(&settings).await;
    let mut ends = Vec::new();
    for _ in 0..3 {
        let browser = scene.app.browser();
        scene.round_trip(&browser, "/login", "company").await;
        let page = browser.get("/signup/with").await;
        ends.push((browser.clone(), page.form("/signup/with")));
        ends.push((browser.at(&second.url), page.form("/signup/with")));
    }
    let taps = ends.iter().map(|(browser, form)| browser.submit(form));
    let done = futures_util::future::join_all(taps).await;
    assert!(done.iter().all(|answer| answer.status == 303), "{done:?}");
    assert_eq!(scene.app.count("account", "true").await, 1);
    assert_eq!(scene.app.count("connected_sign_in", "true").await, 1);
    assert!(
        done.iter().all(|answer| answer.location() == "/account"),
        "{done:?}"
    );
    // A reload afterwards goes on, too.
    let (browser, form) = &ends[0];
    assert_eq!(browser.submit(form).await.location(), "/account");
}

#[sqlx::test]
async fn nobody_gets_an_account_where_accounts_come_from_admins(db: PgPool) {
    let scene = Scene::bare(db, &[]).await;
    scene.set_up("oidc").await;
    let browser = scene.app.browser();
    let back = scene.round_trip(&browser, "/login", "company").await;
    let page = browser.get(back.location()).await;
    page.assert_page(200);
    assert!(!page.body.contains("action=\"/signup/with\""), "{page:?}");
    let csrf = browser
        .get("/login")
        .await
        .form("/login")
        .value("csrf")
        .to_owned();
    let fields = [("csrf", csrf.as_str()), ("name", "x")];
    let posted = browser.request("POST", "/signup/with").form(&fields);
    browser.send(posted).await.assert_page(200);
    assert_eq!(scene.app.count("account", "true").await, 0);
}

#[sqlx::test]
async fn where_sign_up_is_by_invitation_an_invited_address_gets_an_account(db: PgPool) {
    let scene = Scene::bare(db, &[("LINKGATE_SIGNUP", "invited")]).await;
    scene.set_up("oidc").await;
    let browser = scene.app.browser();
    scene.round_trip(&browser, "/login", "company").await;
    let page = browser.get("/signup/with").await;
    assert!(!page.body.contains("action=\"/signup/with\""), "{page:?}");
    let recipient = Recipient {
        email: "sora@example.com",
        language: "en",
    };
    let mut connection = scene.app.db.acquire().await.unwrap();
    let new = NewInvitation {
        id: scene.app.state().random.uuid(),
        recipient,
        days: USUAL_DAYS,
        by: None,
    };
    new.send(&mut connection, scene.app.now()).await.unwrap();
    let page = browser.get("/signup/with").await;
    let done = browser.submit(&page.form("/signup/with")).await;
    assert_eq!(done.location(), "/account");
    assert_eq!(scene.app.count("invitation", "used_at is null").await, 0);
}

#[sqlx::test]
async fn an_account_that_is_disabled_is_opened_by_no_provider(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.newcomer("company").await;
    scene
        .app
        .change("update account set disabled_at = now()")
        .await;
    let other = scene.app.browser();
    let back = scene.round_trip(&other, "/login", "company").await;
    back.assert_page(403);
    assert!(back.text().contains("paused"), "{back:?}");
    assert_eq!(browser.get("/account").await.location(), "/login");
    assert_eq!(scene.app.count("session", "true").await, 1);
}

#[sqlx::test]
async fn who_has_a_second_step_is_asked_for_it_after_a_provider_too(db: PgPool) {
    let scene = Scene::set(db).await;
    let own = scene.newcomer("company").await;
    let app = scene.app.add_app(&own).await;
    scene.app.clock.advance(minutes(2));
    let browser = scene.app.browser();
    let back = scene.round_trip(&browser, "/login", "company").await;
    let asked = back.location();
    assert!(asked.starts_with("/login/factor?ticket="), "{back:?}");
    assert_eq!(browser.get("/account").await.status, 303, "no session yet");
    let entered = browser.type_code(&back, &app.code(scene.app.now())).await;
    assert_eq!(entered.location(), "/account", "{entered:?}");
    browser.get("/account").await.assert_page(200);
}
