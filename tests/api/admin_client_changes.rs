//! The console: changing a client's settings and actions.

use linkgate::{
    admin::AdminRole,
    client::{Client, store::find_client},
};
use sqlx::PgPool;

use crate::harness::{Desk, Form, REDIRECT_URI, Registered, Stage, TestApp};

/// A client, and the form that changes it.
async fn editing(app: &TestApp) -> (Registered, Desk, Form) {
    let client = app.client().await;
    let desk = app.desk(AdminRole::Operator).await;
    let page = format!("/admin/clients/{}/edit", client.id());
    let form = desk.form(&page, &page).await;
    (client, desk, form)
}

async fn stored(app: &TestApp, client: &Registered) -> Client {
    let found = find_client(&app.db, &client.client.id).await;
    found.unwrap().unwrap()
}

#[sqlx::test]
async fn saving_what_is_shown_changes_nothing(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let (client, desk, form) = editing(&app).await;
    let answer = desk.browser.submit(&form).await;
    assert!(answer.location().ends_with("?done=client-saved"));
    let after = stored(&app, &client).await;
    assert_eq!(after.settings, client.client.settings);
    assert_eq!(after.updated_at, client.client.updated_at);
    app.stop().await;
}

#[sqlx::test]
async fn every_setting_can_be_changed_and_history_names_them(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let (client, desk, form) = editing(&app).await;
    let form = [
        ("name", "한강피자"),
        ("login_guide_message", "계정을 연결해 주세요"),
        ("login_success_message", "연결했어요"),
        ("privacy_url", "https://pizza.test/privacy"),
        ("extension_id", "com.pizza.bot"),
        ("token_places", "json:/accessToken\r\nquery:token"),
        ("refusal_answer", "sentence"),
        ("relink_sentence", "다시 연결해 주세요"),
        ("busy_sentence", "잠시 뒤에 다시"),
        ("code_lifetime", "90s"),
        ("access_lifetime", "2h"),
        ("refresh_idle", "30d"),
        ("rotation", "never"),
        ("introspect_all", "on"),
    ]
    .iter()
    .fold(form, |form, (name, value)| form.with(name, value))
    .without("send_iss");
    let answer = desk.browser.submit(&form).await;
    assert!(answer.location().ends_with("?done=client-saved"));
    let after = stored(&app, &client).await;
    let settings = after.settings;
    assert_eq!(after.name, "한강피자");
    assert_eq!(settings.token_places, ["json:/accessToken", "query:token"]);
    assert_eq!(settings.code_lifetime.num_seconds(), 90);
    assert_eq!(settings.extension_id.as_deref(), Some("com.pizza.bot"));
    assert!(settings.introspect_all && !settings.send_iss);

    let page = desk
        .browser
        .get(&format!("/admin/clients/{}", client.id()))
        .await;
    assert!(page.text().contains("한강피자"));
    let db = app.db.clone();
    app.stop().await;
    let detail: String = sqlx::query_scalar(
        "select detail from event where kind = 'admin_change' and admin_id is not null and client_id is not null",
    )
    .fetch_one(&db)
    .await
    .unwrap();
    assert!(detail.starts_with("client changed: ") && detail.contains("rotation"));
    assert!(!detail.contains("scopes"), "{detail}");
}

#[sqlx::test]
async fn a_refused_change_says_why_at_its_field_and_keeps_what_was_typed(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let (client, desk, form) = editing(&app).await;
    for (field, value, reason) in [
        ("name", "", "must have 1 to 100 characters"),
        (
            "redirect_uris",
            "https://evil@host/",
            "must not contain a user name",
        ),
        ("redirect_uris", "", "needs at least one redirect URI"),
        ("code_lifetime", "an hour", "is not a duration"),
        ("code_lifetime", "1h", "must be between 10s and 10m"),
        ("access_lifetime", "1s", "must be between 60s and 1d"),
        ("rotation", "sometimes", "Choose one of the options"),
        ("token_format", "saml", "Choose one of the options"),
        ("token_algorithm", "none", "Choose one of the options"),
        ("token_algorithm", "hs256", "Choose one of the options"),
        ("token_audience", "two words", "without spaces"),
        ("token_audience", "https://", "must be a URI"),
        ("token_places", "cookie:sid", "is not a token place"),
        (
            "refusal_answer",
            "sentence",
            "needs both the relink and the busy",
        ),
        ("privacy_url", "http://pizza.test/", "must be an https URL"),
        (
            "privacy_url",
            "https://pizza.test/한강",
            "must be an https URL",
        ),
        ("extension_id", "bot", "reverse-domain notation"),
        ("cek_public_key", "secret", "must be a PEM"),
        (
            "cek_public_key",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            "must be a PEM",
        ),
        (
            "login_guide_message",
            &"x".repeat(201),
            "at most 200 characters",
        ),
    ] {
        let form = form
            .clone()
            .with("busy_sentence", "kept")
            .with(field, value);
        let answer = desk.browser.submit(&form).await;
        answer.assert_page(422);
        assert!(answer.text().contains(reason), "{field}: {}", answer.text());
        let marked = format!("id=\"{field}-error\"");
        assert!(answer.body.contains(&marked), "{field}");
        let again = answer.form(&form.action);
        assert_eq!(again.value("busy_sentence"), "kept", "{field}");
        if !matches!(field, "rotation" | "token_format" | "token_algorithm") {
            assert_eq!(again.value(field), value, "{field}");
        }
    }
    let after = stored(&app, &client).await;
    assert_eq!(after.settings, client.client.settings);
}

#[sqlx::test]
async fn taking_something_away_is_asked_twice(db: PgPool) {
    let stage = Stage::set(db).await;
    let app = &stage.app;
    stage.link().await;
    let desk = app.desk(AdminRole::Operator).await;
    let page = format!("/admin/clients/{}/edit", stage.client.id());
    let form = desk.form(&page, &page).await;
    let others = form
        .fields
        .iter()
        .filter(|(_, value)| value != "account:email");
    let form = Form {
        fields: others.cloned().collect(),
        ..form.clone()
    };
    let form = form.with("redirect_uris", "https://platform.test/new");
    let asked = desk.browser.submit(&form).await;
    asked.assert_page(422);
    let text = asked.text();
    assert!(text.contains("Not saved yet.") && text.contains("1 active link"));
    assert!(text.contains(REDIRECT_URI) && text.contains("no longer granted account:email"));
    let unchanged = stored(app, &stage.client).await;
    assert_eq!(unchanged.redirect_uris, [REDIRECT_URI]);

    let confirmed = asked.form(&page).and("confirmed", "yes");
    let saved = desk.browser.submit(&confirmed).await;
    assert!(saved.location().ends_with("?done=client-saved"));
    let after = stored(app, &stage.client).await;
    assert_eq!(after.redirect_uris, ["https://platform.test/new"]);
    assert!(!after.scopes.contains("account:email"));
    assert_eq!(app.only_link().await, "active");
}

#[sqlx::test]
async fn a_form_that_is_older_than_another_change_is_not_saved_unseen(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let (client, desk, first) = editing(&app).await;
    let second = first.clone().with("name", "Second");
    app.clock.advance(crate::harness::minutes(1));
    let answer = desk.browser.submit(&first.with("name", "First")).await;
    assert_eq!(answer.status, 303);
    let answer = desk.browser.submit(&second).await;
    answer.assert_page(422);
    assert!(answer.text().contains("Somebody else changed this client"));
    assert_eq!(stored(&app, &client).await.name, "First");
    let again = answer.form(&second.action);
    assert_eq!(desk.browser.submit(&again).await.status, 303);
    assert_eq!(stored(&app, &client).await.name, "Second");
}

#[sqlx::test]
async fn a_form_with_a_mistake_is_no_newer_than_what_it_was_drawn_from(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let (client, desk, first) = editing(&app).await;
    let second = first.clone().with("name", "Second");
    app.clock.advance(crate::harness::minutes(1));
    let answer = desk.browser.submit(&first.with("name", "First")).await;
    assert_eq!(answer.status, 303);
    let wrong = second.with("code_lifetime", "an hour");
    let answer = desk.browser.submit(&wrong).await;
    answer.assert_page(422);
    assert!(answer.text().contains("Somebody else changed this client"));
    assert_eq!(stored(&app, &client).await.name, "First");
}

#[sqlx::test]
async fn an_action_is_tried_saved_answered_and_deleted(db: PgPool) {
    let stage = Stage::set(db).await;
    let desk = stage.app.desk(AdminRole::Operator).await;
    let tokens = stage.link().await;
    let page = format!("/admin/clients/{}/actions", stage.client.id());
    let form = desk.form(&page, &page).await;
    let wrong = form.clone().with("name", "points");
    let wrong = wrong.with("template", "{{points}}").with("do", "save");
    let refused = desk.browser.submit(&wrong).await;
    refused.assert_page(422);
    assert!(refused.text().contains("is not a value"));
    assert_eq!(refused.form(&page).value("template"), "{{points}}");

    let form = form
        .with("name", "points")
        .with("template", "{{name}}님, {{attributes.points}}점");
    let tried = form
        .clone()
        .with("email", &stage.person.email)
        .with("do", "preview");
    let tried = desk.browser.submit(&tried).await;
    tried.assert_page(200);
    assert!(tried.text().contains("김하늘님, 12점"));
    assert_eq!(stage.app.count("action", "true").await, 0);

    let saved = desk.browser.submit(&form.with("do", "save")).await;
    assert!(saved.location().ends_with("?done=action-saved"));
    let bearer = format!("Bearer {}", tokens.access);
    let url = format!("/action/{}/points", stage.client.id());
    let headers = [("authorization", bearer.as_str())];
    let answer = stage.platform.send("POST", &url, "", &headers).await;
    assert_eq!(answer.body, "김하늘님, 12점");

    let listed = desk.browser.get(&page).await;
    assert!(listed.text().contains("{{attributes.points}}"));
    let deleted = desk.press(&page, &format!("{page}/delete")).await;
    assert!(deleted.location().ends_with("?done=action-deleted"));
    assert_eq!(stage.app.count("action", "true").await, 0);
}
