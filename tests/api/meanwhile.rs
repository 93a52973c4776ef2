//! What happens to a change while another one is under way: a transaction of the test holds the row
//! until the request waits for it.

use linkgate::admin::AdminRole::{Operator, Owner, Viewer};
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};

use crate::harness::{Answer, Browser, Form, PASSWORD, TestApp, seconds};

/// A transaction that has done this and is not over.
async fn under_way(app: &TestApp, sql: &str) -> Transaction<'static, Postgres> {
    let mut transaction = app.db.begin().await.unwrap();
    let done = sqlx::query(AssertSqlSafe(sql.to_owned()));
    let done = done.execute(&mut *transaction).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "{sql}");
    transaction
}

/// Posts a form that comes to wait for the transaction, which then commits; gives its answer.
async fn overtaken(
    app: &TestApp,
    browser: &Browser,
    form: &Form,
    transaction: Transaction<'static, Postgres>,
) -> Answer {
    let commit = async {
        app.until_blocked().await;
        transaction.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(browser.submit(form), commit);
    answer
}

/// From now on nothing can be deleted from a table.
async fn refuse_deletes(app: &TestApp, table: &str) {
    let refuse =
        "create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$";
    app.change_schema(refuse).await;
    let trigger = "create trigger refuse before delete on";
    let each = "for each statement execute function refuse()";
    app.change_schema(&format!("{trigger} {table} {each}"))
        .await;
}

#[sqlx::test]
async fn saving_an_account_does_not_enable_one_that_was_disabled_meanwhile(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let console = app.console(Operator).await;
    let edit = format!("/admin/accounts/{}/edit", person.id);
    let form = console.get(&edit).await.form(&edit);
    let form = form.with("name", "이하늘").with("attributes", "{}");
    let disabling = under_way(&app, "update account set disabled_at = now()").await;
    let answer = overtaken(&app, &console, &form, disabling).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let both = "name = '이하늘' and disabled_at is not null";
    assert_eq!(app.count("account", both).await, 1);
}

#[sqlx::test]
async fn a_change_that_came_while_an_account_was_saved_is_not_overwritten_unseen(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let console = app.console(Operator).await;
    let edit = format!("/admin/accounts/{}/edit", person.id);
    let form = console.get(&edit).await.form(&edit);
    let form = form.with("name", "이하늘").with("attributes", "{}");
    let other = under_way(&app, "update account set attributes = '{\"points\": 500}'").await;
    let answer = overtaken(&app, &console, &form, other).await;
    answer.assert_page(422);
    let text = answer.text();
    assert!(text.contains("Somebody changed this account"), "{text}");
    let kept = "attributes = '{\"points\": 500}' and name = '김하늘'";
    assert_eq!(app.count("account", kept).await, 1);
}

#[sqlx::test]
async fn an_account_is_disabled_with_its_sessions_or_not_at_all(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    app.browser().log_in(&person).await;
    let console = app.console(Operator).await;
    let disable = format!("/admin/accounts/{}/disable", person.id);
    let form = console.get(&disable).await.form(&disable);
    refuse_deletes(&app, "session").await;
    assert_ne!(console.submit(&form).await.status, 303);
    assert_eq!(app.count("account", "disabled_at is null").await, 1);
    app.change_schema("drop trigger refuse on session").await;
    assert_eq!(console.submit(&form).await.status, 303);
    assert_eq!(app.count("account", "disabled_at is not null").await, 1);
    assert_eq!(app.count("session", "true").await, 0);
}

#[sqlx::test]
async fn saving_an_admin_does_not_enable_one_that_was_disabled_meanwhile(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let owner = app.console(Owner).await;
    let other = app.admin("other@example.com", Viewer).await;
    let address = format!("/admin/admins/{}", other.id);
    let form = owner.get(&address).await.form(&address);
    let form = form.with("email", "new@example.com");
    let disable = "update admin set disabled_at = now() where role = 'viewer'";
    let disabling = under_way(&app, disable).await;
    let answer = overtaken(&app, &owner, &form, disabling).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let both = "email = 'new@example.com' and disabled_at is not null";
    assert_eq!(app.count("admin", both).await, 1);
}

#[sqlx::test]
async fn an_admin_gets_a_new_password_without_old_sessions_or_none(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let owner = app.console(Owner).await;
    app.console(Viewer).await;
    let id = app.value("select admin_id from admin where role = 'viewer'");
    let address = format!("/admin/admins/{}", id.await.unwrap());
    let form = owner.get(&address).await.form(&address);
    let form = form
        .with("role", "operator")
        .with("password", "another horse");
    let hash = "select password_hash from admin where email = 'viewer@example.com'";
    let before = app.value(hash).await;
    refuse_deletes(&app, "admin_session").await;
    assert_ne!(owner.submit(&form).await.status, 303);
    assert_eq!(app.value(hash).await, before);
    assert_eq!(app.count("admin", "role = 'viewer'").await, 1);
}

#[sqlx::test]
async fn ses_06_a_login_under_way_does_not_outlive_a_new_password(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    for reset in [
        "update account set password_hash = 'another'",
        "update account set disabled_at = now()",
    ] {
        let browser = app.browser();
        let form = browser.get("/login").await.form("/login");
        let form = form.with("email", &person.email).with("password", PASSWORD);
        let hash = app
            .value("select password_hash from account")
            .await
            .unwrap();
        let resetting = under_way(&app, reset).await;
        let answer = overtaken(&app, &browser, &form, resetting).await;
        answer.assert_page(422);
        assert_eq!(app.count("session", "true").await, 0);
        let restore = format!("update account set password_hash = '{hash}', disabled_at = null");
        app.change(&restore).await;
        app.clock.advance(seconds(1));
        browser.log_in(&person).await;
        app.change("delete from session").await;
    }
}

#[sqlx::test]
async fn ses_06_a_sign_in_under_way_does_not_outlive_a_new_password(db: PgPool) {
    let app = TestApp::spawn(db).await;
    app.admin("owner@example.com", Owner).await;
    let browser = app.browser();
    let form = browser.get("/admin/login").await.form("/admin/login");
    let form = form
        .with("email", "owner@example.com")
        .with("password", PASSWORD);
    let resetting = under_way(&app, "update admin set password_hash = 'another'").await;
    let answer = overtaken(&app, &browser, &form, resetting).await;
    answer.assert_page(422);
    assert_eq!(app.count("admin_session", "true").await, 0);
}

#[sqlx::test]
async fn a_login_succeeds_while_another_one_strengthens_the_hash(db: PgPool) {
    let app = TestApp::spawn(db).await;
    app.person("other@example.com").await;
    let hash = app
        .value("select password_hash from account")
        .await
        .unwrap();
    app.change("delete from account").await;
    let person = app.person("haneul@example.com").await;
    let browser = app.browser();
    let form = browser.get("/login").await.form("/login");
    let form = form.with("email", &person.email).with("password", PASSWORD);
    let rehash = format!("update account set password_hash = '{hash}'");
    let rehashing = under_way(&app, &rehash).await;
    let answer = overtaken(&app, &browser, &form, rehashing).await;
    assert_eq!(answer.location(), "/account");
}

#[sqlx::test]
async fn settings_changed_on_another_node_are_not_overwritten_unseen(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let console = app.console(Operator).await;
    let settings = "/admin/settings";
    let old = console.get(settings).await.form(settings);
    // Another node's change, of which this one has not heard yet.
    app.change("update service set privacy_url = 'https://example.com/new'")
        .await;
    let answer = console.submit(&old.with("name", "한강피자")).await;
    answer.assert_page(422);
    assert!(answer.text().contains("Somebody changed the settings"));
    assert_eq!(app.count("service", "name = 'Linkgate'").await, 1);

    let form = console.get(settings).await.form(settings);
    assert_eq!(form.value("privacy_url"), "https://example.com/new");
    let answer = console.submit(&form.with("name", "한강피자")).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let both = "name = '한강피자' and privacy_url = 'https://example.com/new'";
    assert_eq!(app.count("service", both).await, 1);
}
