//! The service's settings and its scopes in the console.

use linkgate::admin::AdminRole::Operator;
use sqlx::PgPool;

use crate::harness::{Browser, TestApp, days};

const SETTINGS: &str = "/admin/settings";
const NEW_SCOPE: &str = "/admin/settings/scopes/new";

async fn define(console: &Browser, scope: &str) -> u16 {
    let fields = [
        ("scope", scope),
        ("sentence_ko", "주문"),
        ("sentence_en", "Orders"),
        ("sentence_ja", "注文"),
    ];
    console.fill_in(NEW_SCOPE, NEW_SCOPE, &fields).await.status
}

#[sqlx::test]
async fn the_name_and_the_policy_are_shown_to_people_at_once(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let console = app.console(Operator).await;
    let text = "우리는 아무것도 팔지 않습니다.";
    let fields = [("name", "한강피자"), ("privacy_text", text)];
    let answer = console.fill_in(SETTINGS, SETTINGS, &fields).await;
    assert_eq!(answer.location(), "/admin/settings?done=settings-saved");
    let page = app.browser().get("/privacy").await;
    assert!(
        page.text().contains(text) && page.body.contains("한강피자"),
        "{page:?}"
    );

    let url = "https://example.com/privacy";
    let fields = [("name", "한강피자"), ("privacy_url", url)];
    console.fill_in(SETTINGS, SETTINGS, &fields).await;
    assert_eq!(app.browser().get("/privacy").await.location(), url);
}

#[sqlx::test]
async fn the_policy_is_as_old_as_its_last_change(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let date = async || {
        let page = app.browser().get("/privacy").await;
        let (_, rest) = page.body.split_once("datetime=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let mut dates = Vec::new();
    for (name, text) in [("A", "Old."), ("B", "Old."), ("B", "New.")] {
        app.clock.advance(days(1));
        let console = app.browser();
        if dates.is_empty() {
            app.console(Operator).await;
        }
        console.sign_in("operator@example.com").await;
        let fields = [("name", name), ("privacy_text", text)];
        console.fill_in(SETTINGS, SETTINGS, &fields).await;
        dates.push(date().await);
    }
    assert_eq!(dates[0], dates[1]);
    assert!(dates[1] < dates[2], "{dates:?}");
}

#[sqlx::test]
async fn settings_that_can_not_be_are_refused_at_their_field(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let console = app.console(Operator).await;
    let long = "가".repeat(61);
    for (field, value, reason) in [
        ("name", "", "The name must have 1 to 60 characters."),
        (
            "name",
            long.as_str(),
            "The name must have 1 to 60 characters.",
        ),
        (
            "privacy_url",
            "http://example.com/",
            "The address must be a full https URL",
        ),
        (
            "privacy_url",
            "javascript:alert(1)",
            "The address must be a full https URL",
        ),
    ] {
        let answer = console.fill_in(SETTINGS, SETTINGS, &[(field, value)]).await;
        answer.assert_page(422);
        assert!(answer.text().contains(reason), "{answer:?}");
        assert_eq!(answer.form(SETTINGS).value(field), value);
    }
    assert_eq!(
        app.value("select name from service").await.unwrap(),
        "Linkgate"
    );
}

#[sqlx::test]
async fn a_scope_is_defined_changed_and_deleted(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let console = app.console(Operator).await;
    assert_eq!(define(&console, "orders/read&x").await, 303);
    let edit = "/admin/settings/scopes/edit";
    let asked = "/admin/settings/scopes/edit?scope=orders%2Fread%26x";
    console
        .fill_in(asked, edit, &[("sentence_en", "Your orders")])
        .await;
    let sentence = app.value("select sentence_en from scope").await;
    assert_eq!(sentence.unwrap(), "Your orders");
    let list = console.get(SETTINGS).await.text();
    assert!(
        list.contains("orders/read&x") && list.contains("Your orders"),
        "{list}"
    );
    let delete = "/admin/settings/scopes/delete";
    let asked = "/admin/settings/scopes/delete?scope=orders%2Fread%26x";
    let answer = console.fill_in(asked, delete, &[]).await;
    assert_eq!(answer.location(), "/admin/settings?done=scope-deleted");
    assert_eq!(app.count("scope", "true").await, 0);
}

#[sqlx::test]
async fn a_scope_follows_the_grammar_and_is_defined_once(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let console = app.console(Operator).await;
    let long = "a".repeat(65);
    for bad in [
        "",
        "two words",
        "quo\"te",
        "back\\slash",
        "주문",
        "account:email",
        &long,
    ] {
        assert_eq!(define(&console, bad).await, 422, "{bad}");
    }
    assert_eq!(define(&console, "orders:read").await, 303);
    assert_eq!(define(&console, "orders:read").await, 422);
    let empty = [
        ("scope", "x"),
        ("sentence_ko", "주문"),
        ("sentence_en", "  "),
    ];
    let answer = console.fill_in(NEW_SCOPE, NEW_SCOPE, &empty).await;
    answer.assert_page(422);
    assert_eq!(answer.form(NEW_SCOPE).value("sentence_ko"), "주문");
    assert_eq!(app.count("scope", "true").await, 1);
}

#[sqlx::test]
async fn a_scope_that_a_client_may_ask_for_stays(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let console = app.console(Operator).await;
    define(&console, "orders:read").await;
    let asked = "/admin/settings/scopes/delete?scope=orders:read";
    let form = console
        .get(asked)
        .await
        .form("/admin/settings/scopes/delete");
    app.client().await;
    app.change("update client set scopes = scopes || '{orders:read}'")
        .await;
    let page = console.get(asked).await;
    assert!(page.text().contains("It can’t be deleted") && page.text().contains("Speaker"));
    console.submit(&form).await.assert_page(422);
    assert_eq!(app.count("scope", "true").await, 1);
}

#[sqlx::test]
async fn a_sentence_the_command_line_takes_can_be_saved_here(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let console = app.console(Operator).await;
    let fields = |length| {
        let sentence = "가".repeat(length);
        ["ko", "en", "ja"].map(|lang| (format!("sentence_{lang}"), sentence.clone()))
    };
    for (scope, length, status) in [("a", 200, 303), ("b", 201, 422)] {
        let fields = fields(length);
        let mut typed = vec![("scope", scope)];
        typed.extend(
            fields
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str())),
        );
        let answer = console.fill_in(NEW_SCOPE, NEW_SCOPE, &typed).await;
        assert_eq!(answer.status, status);
    }
}
