//! Accounts in the console: found, made, changed, disabled.

use linkgate::admin::AdminRole::{Operator, Owner};
use sqlx::PgPool;

use crate::harness::{Answer, Browser, PASSWORD, Stage, TestApp, seconds};

/// What must never come alive.
const HOSTILE: &str = "\"><script>alert(1)</script><svg onload=alert(1)>'{{7*7}}";

async fn create(browser: &Browser, fields: &[(&str, &str)]) -> Answer {
    let usual = [
        ("email", "haneul@example.com"),
        ("name", "김하늘"),
        ("locale", "ko"),
        ("attributes", "{\"points\": 12}"),
    ];
    let all: Vec<_> = usual.iter().chain(fields).copied().collect();
    browser
        .fill_in("/admin/accounts/new", "/admin/accounts/new", &all)
        .await
}

#[sqlx::test]
async fn an_account_made_in_the_console_can_log_in_and_link(db: PgPool) {
    let mut stage = Stage::set(db).await;
    let console = stage.app.console(Operator).await;
    let fields = [
        ("email", "New@Example.com"),
        ("external_id", "customer:7"),
        ("password", PASSWORD),
    ];
    let answer = create(&console, &fields).await;
    let address = answer.location().to_owned();
    let page = console.get(&address).await.text();
    assert!(page.contains("The account was created."), "{page}");
    assert!(
        page.contains("New@Example.com") && page.contains("\"points\": 12"),
        "{page}"
    );

    stage.person.email = "new@example.com".to_owned();
    stage.link().await;
    let page = console.get(&address).await.text();
    assert!(page.contains("Speaker"), "{page}");
}

#[sqlx::test]
async fn a_refused_form_keeps_what_was_typed_and_says_why_at_each_field(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let console = app.console(Operator).await;
    let fields = [
        ("email", "nobody"),
        ("name", HOSTILE),
        ("locale", "not a tag"),
        ("attributes", "{\n  \"points\": 12,\n}"),
        ("password", "short"),
    ];
    let answer = create(&console, &fields).await;
    answer.assert_page(422);
    let text = answer.text();
    for reason in [
        "The e-mail address is not valid.",
        "The locale must be a language tag such as ko or en-US.",
        "Not JSON at line 3, column 1: trailing comma",
        "The password must have at least 8 characters.",
    ] {
        assert!(text.contains(reason), "{text}");
    }
    let form = answer.form("/admin/accounts/new");
    assert_eq!(form.value("email"), "nobody");
    assert_eq!(form.value("name"), HOSTILE);
    assert_eq!(form.value("password"), "");
    assert!(text.contains("{ \"points\": 12, }"), "{text}");
    assert_eq!(app.count("account", "true").await, 0);
}

#[sqlx::test]
async fn a_taken_address_or_external_id_is_said_at_its_field(db: PgPool) {
    let app = TestApp::spawn(db).await;
    app.person("haneul@example.com").await;
    let console = app.console(Operator).await;
    let answer = create(&console, &[("email", "HANEUL@example.com")]).await;
    answer.assert_page(422);
    assert!(
        answer
            .text()
            .contains("Another account already has this e-mail address.")
    );
    let taken = [
        ("email", "b@example.com"),
        ("external_id", "customer:haneul@example.com"),
    ];
    let answer = create(&console, &taken).await;
    answer.assert_page(422);
    assert!(
        answer
            .text()
            .contains("Another account already has this external id.")
    );
    assert_eq!(app.count("account", "true").await, 1);
}

#[sqlx::test]
async fn a_change_is_stored_and_told_in_the_history(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let console = app.console(Owner).await;
    let address = format!("/admin/accounts/{}", person.id);
    let edit = format!("{address}/edit");
    let fields = [("name", "이하늘"), ("attributes", "{\"points\": 99}")];
    let answer = console.fill_in(&edit, &edit, &fields).await;
    assert_eq!(answer.location(), format!("{address}?done=account-saved"));
    let stored = app
        .value("select name || attributes::text || external_id from account")
        .await;
    assert_eq!(
        stored.unwrap(),
        "이하늘{\"points\": 99}customer:haneul@example.com"
    );
    app.stop().await;
}

#[sqlx::test]
async fn every_change_leaves_an_event_that_names_the_admin(db: PgPool) {
    let app = TestApp::spawn(db.clone()).await;
    let person = app.person("haneul@example.com").await;
    let console = app.console(Owner).await;
    let address = format!("/admin/accounts/{}", person.id);
    let edit = format!("{address}/edit");
    let fields = [
        ("name", "이하늘"),
        ("attributes", "{}"),
        ("password", "another horse"),
    ];
    console.fill_in(&edit, &edit, &fields).await;
    let disable = format!("{address}/disable");
    console.fill_in(&disable, &disable, &[]).await;
    app.stop().await;

    let app = TestApp::spawn(db).await;
    let console = app.browser();
    console.sign_in("owner@example.com").await;
    let page = console.get(&address).await.text();
    for line in [
        "Changed the account: name, attributes, password owner@example.com",
        "Disabled the account owner@example.com",
    ] {
        assert!(page.contains(line), "{page}");
    }
}

#[sqlx::test]
async fn a_form_does_not_overwrite_a_change_it_never_showed(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let console = app.console(Operator).await;
    let edit = format!("/admin/accounts/{}/edit", person.id);
    let form = console.get(&edit).await.form(&edit);
    let form = form.with("name", "이하늘").with("attributes", "{}");
    app.change("update account set attributes = '{\"points\": 500}'")
        .await;
    let answer = console.submit(&form).await;
    answer.assert_page(422);
    assert!(
        answer
            .text()
            .contains("Somebody changed this account while you were editing it.")
    );
    let kept = app
        .count("account", "attributes = '{\"points\": 500}'")
        .await;
    assert_eq!(kept, 1);
    let again = answer.form(&edit).with("attributes", "{}");
    assert_eq!(console.submit(&again).await.status, 303);
    assert_eq!(
        app.count("account", "attributes = '{}' and name = '이하늘'")
            .await,
        1
    );
}

#[sqlx::test]
async fn ses_06_a_new_password_ends_every_session_of_the_old_one(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.browser.log_in(&stage.person).await;
    let console = stage.app.console(Operator).await;
    let edit = format!("/admin/accounts/{}/edit", stage.person.id);
    let fields = [("attributes", "{}"), ("password", "another horse battery")];
    console.fill_in(&edit, &edit, &fields).await;
    assert_eq!(stage.browser.get("/account").await.location(), "/login");
    let email = &stage.person.email;
    let old = stage.browser.log_in_at("/login", email, PASSWORD).await;
    assert_eq!(old.status, 422);
    stage.app.clock.advance(seconds(1));
    let new = stage
        .browser
        .log_in_at("/login", email, "another horse battery")
        .await;
    assert_eq!(new.location(), "/account");
}

#[sqlx::test]
async fn ref_07_a_new_password_alone_ends_no_link(db: PgPool) {
    let stage = Stage::set(db).await;
    let tokens = stage.link().await;
    let console = stage.app.console(Operator).await;
    let edit = format!("/admin/accounts/{}/edit", stage.person.id);
    let fields = [("attributes", "{}"), ("password", "another horse battery")];
    assert_eq!(console.fill_in(&edit, &edit, &fields).await.status, 303);
    assert!(stage.resolves(&tokens).await);
    let refreshed = stage.platform.refresh_with(&tokens.refresh, &[]).await;
    assert_eq!(refreshed.status, 200);
}

#[sqlx::test]
async fn adm_12_a_disabled_account_is_out_everywhere_until_it_is_enabled(db: PgPool) {
    let stage = Stage::set(db).await;
    let tokens = stage.link().await;
    let console = stage.app.console(Operator).await;
    let disable = format!("/admin/accounts/{}/disable", stage.person.id);
    let asked = console.get(&disable).await;
    assert!(stage.resolves(&tokens).await, "asking changes nothing");
    console.submit(&asked.form(&disable)).await;
    assert!(!stage.resolves(&tokens).await);
    assert_eq!(stage.browser.get("/account").await.location(), "/login");

    let enable = format!("/admin/accounts/{}/enable", stage.person.id);
    console.fill_in(&enable, &enable, &[]).await;
    assert!(stage.resolves(&tokens).await);
    assert_eq!(stage.browser.get("/account").await.location(), "/login");
}

#[sqlx::test]
async fn the_search_finds_parts_of_names_addresses_and_ids_literally(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let console = app.console(Operator).await;
    app.person("haneul@example.com").await;
    app.person("under_score@example.com").await;
    for (search, found) in [
        ("HANEUL", vec!["haneul@"]),
        ("customer:under", vec!["under_score@"]),
        ("하늘", vec!["haneul@", "under_score@"]),
        ("_", vec!["under_score@"]),
        ("%25", vec![]),
        ("nobody", vec![]),
    ] {
        let page = console.get(&format!("/admin/accounts?q={search}")).await;
        for email in ["haneul@", "under_score@"] {
            let shown = page.body.contains(&format!("<td>{email}"));
            assert_eq!(shown, found.contains(&email), "{search}: {email}");
        }
    }
}

#[sqlx::test]
async fn a_long_list_comes_in_pages(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let console = app.console(Operator).await;
    app.change(
        "insert into account (account_id, email, email_key, name, created_at, updated_at)
         select gen_random_uuid(), n || '@example.com', n || '@example.com', 'Person', now(), now()
         from generate_series(1, 51) n",
    )
    .await;
    let first = console.get("/admin/accounts?q=person").await;
    assert_eq!(first.body.matches("<td><a href=").count(), 50);
    assert!(
        first
            .body
            .contains("href=\"/admin/accounts?q=person&#38;page=2\""),
        "{first:?}"
    );
    let second = console.get("/admin/accounts?q=person&page=2").await;
    assert_eq!(second.body.matches("<td><a href=").count(), 1);
    assert!(second.text().contains("← Newer") && !second.text().contains("Older →"));
}

#[sqlx::test]
async fn xss_01_names_and_ids_stay_text_on_every_page(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.link().await;
    let console = stage.app.console(Owner).await;
    let quoted = HOSTILE.replace('\'', "''");
    stage
        .app
        .change(&format!(
            "update account set name = '{quoted}', external_id = '{quoted}',
                 attributes = jsonb_build_object('a', '{quoted}')"
        ))
        .await;
    stage
        .app
        .change(&format!("update client set name = '{quoted}'"))
        .await;
    stage
        .app
        .change(&format!(
            "update service set name = '{quoted}', privacy_text = '{quoted}'"
        ))
        .await;
    stage
        .app
        .change(&format!(
            "insert into scope values ('{}', '{quoted}', '{quoted}', '{quoted}', now())",
            "a<b>&c"
        ))
        .await;
    let link = stage.app.value("select link_id from link").await.unwrap();
    let account = stage.person.id;
    let hostile = "%22%3E%3Cscript%3E";
    for address in [
        "/admin".to_owned(),
        format!("/admin/accounts?q={hostile}"),
        "/admin/accounts".to_owned(),
        format!("/admin/accounts/{account}"),
        format!("/admin/accounts/{account}/edit"),
        format!("/admin/accounts/{account}/disable"),
        format!("/admin/links?account={hostile}&client={hostile}&state={hostile}"),
        "/admin/links".to_owned(),
        format!("/admin/links/{link}"),
        format!("/admin/links/{link}/end"),
        "/admin/settings".to_owned(),
        "/admin/settings/scopes/edit?scope=a%3Cb%3E%26c".to_owned(),
        "/admin/settings/scopes/delete?scope=a%3Cb%3E%26c".to_owned(),
        "/admin/clients".to_owned(),
        format!("/admin/clients/{}", stage.client.id()),
        format!("/admin?done={hostile}"),
    ] {
        let page = console.get(&address).await;
        page.assert_page(200);
        for alive in [
            "<script>alert",
            "<svg onload",
            "\"><script>",
            "<b>&",
            "{{7*7}}\"\"",
            " style=",
        ] {
            assert!(!page.body.contains(alive), "{address}: {alive}");
        }
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
    }
}
