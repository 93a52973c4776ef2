//! What happens to a change while another one is under way: a transaction of the test holds the row
//! until the request waits for it.

use linkgate::admin::AdminRole::Operator;
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};

use crate::harness::{Answer, Browser, Form, TestApp};

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
    app.change_schema(
        "create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;",
    )
    .await;
    app.change_schema(
        "create trigger refuse before delete on session for each statement execute function refuse()",
    )
    .await;
    assert_ne!(console.submit(&form).await.status, 303);
    assert_eq!(app.count("account", "disabled_at is null").await, 1);
    app.change_schema("drop trigger refuse on session").await;
    assert_eq!(console.submit(&form).await.status, 303);
    assert_eq!(app.count("account", "disabled_at is not null").await, 1);
    assert_eq!(app.count("session", "true").await, 0);
}
