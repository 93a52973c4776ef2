//! Admins in the console: made, changed, disabled, and never without an owner.

use linkgate::admin::AdminRole::{Operator, Owner};
use sqlx::PgPool;

use crate::harness::{PASSWORD, TestApp, seconds};

#[sqlx::test]
async fn an_owner_makes_an_admin_who_can_sign_in(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let owner = app.console(Owner).await;
    let new = "/admin/admins/new";
    let fields = [
        ("email", "new@example.com"),
        ("role", "operator"),
        ("password", PASSWORD),
    ];
    let answer = owner.fill_in(new, new, &fields).await;
    assert_eq!(answer.location(), "/admin/admins?done=admin-created");
    let browser = app.browser();
    assert_eq!(
        browser.sign_in("NEW@example.com").await.location(),
        "/admin"
    );
    browser.get("/admin/accounts/new").await.assert_page(200);
}

#[sqlx::test]
async fn a_refused_admin_says_why_at_each_field(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let owner = app.console(Owner).await;
    let new = "/admin/admins/new";
    let answer = owner
        .fill_in(new, new, &[("email", "nobody"), ("role", "king")])
        .await;
    answer.assert_page(422);
    let text = answer.text();
    for reason in [
        "The e-mail address is not valid.",
        "Choose a role.",
        "A new admin needs a password.",
    ] {
        assert!(text.contains(reason), "{text}");
    }
    let taken = [
        ("email", "OWNER@example.com"),
        ("role", "viewer"),
        ("password", PASSWORD),
    ];
    let answer = owner.fill_in(new, new, &taken).await;
    answer.assert_page(422);
    assert!(
        answer
            .text()
            .contains("Another admin already has this e-mail address.")
    );
    assert_eq!(app.count("admin", "true").await, 1);
}

#[sqlx::test]
async fn the_last_owner_can_neither_be_demoted_nor_disabled(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let owner = app.console(Owner).await;
    app.admin("operator@example.com", Operator).await;
    let id = app
        .value("select admin_id from admin where role = 'owner'")
        .await
        .unwrap();
    let address = format!("/admin/admins/{id}");
    let answer = owner
        .fill_in(&address, &address, &[("role", "viewer")])
        .await;
    answer.assert_page(422);
    assert!(
        answer
            .text()
            .contains("This is the last enabled owner: make another one first.")
    );
    let disable = format!("{address}/disable");
    let answer = owner.fill_in(&disable, &disable, &[]).await;
    answer.assert_page(422);
    assert!(
        answer
            .text()
            .contains("This is the last enabled owner: make another one first.")
    );
    assert_eq!(
        app.count("admin", "role = 'owner' and disabled_at is null")
            .await,
        1
    );

    app.admin("second@example.com", Owner).await;
    let answer = owner
        .fill_in(&address, &address, &[("role", "viewer")])
        .await;
    assert_eq!(answer.location(), "/admin?done=admin-saved");
    owner.get("/admin/admins").await.assert_page(403);
}

#[sqlx::test]
async fn of_two_owners_who_demote_each_other_one_stays(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let first = app.console(Owner).await;
    app.admin("second@example.com", Owner).await;
    let second = app.browser();
    second.sign_in("second@example.com").await;
    let id = async |email: &str| {
        let sql = format!("select admin_id from admin where email = '{email}'");
        app.value(&sql).await.unwrap()
    };
    let first_form = format!("/admin/admins/{}/disable", id("second@example.com").await);
    let second_form = format!("/admin/admins/{}/disable", id("owner@example.com").await);
    let (one, other) = (
        first.get(&first_form).await.form(&first_form),
        second.get(&second_form).await.form(&second_form),
    );
    tokio::join!(first.submit(&one), second.submit(&other));
    assert_eq!(app.count("admin", "disabled_at is null").await, 1);
}

#[sqlx::test]
async fn an_old_form_does_not_give_a_demoted_owner_the_role_back(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let owner = app.console(Owner).await;
    let other = app.admin("other@example.com", Owner).await;
    let address = format!("/admin/admins/{}", other.id);
    let old = owner.get(&address).await.form(&address);
    let demoted = owner.fill_in(&address, &address, &[("role", "viewer")]);
    assert_eq!(demoted.await.status, 303);
    let answer = owner.submit(&old.with("email", "new@example.com")).await;
    answer.assert_page(422);
    assert!(answer.text().contains("Somebody changed this admin"));
    assert_eq!(app.count("admin", "role = 'viewer'").await, 1);
    assert_eq!(app.count("admin", "email = 'new@example.com'").await, 0);
}

#[sqlx::test]
async fn ses_06_a_new_password_signs_an_admin_out_everywhere(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let owner = app.console(Owner).await;
    let operator = app.console(Operator).await;
    let id = app
        .value("select admin_id from admin where role = 'operator'")
        .await
        .unwrap();
    let address = format!("/admin/admins/{id}");
    let fields = [("role", "operator"), ("password", "another horse battery")];
    owner.fill_in(&address, &address, &fields).await;
    assert_eq!(operator.get("/admin").await.location(), "/admin/login");
    assert_eq!(operator.sign_in("operator@example.com").await.status, 422);
    app.clock.advance(seconds(1));
    let answer = operator.sign_in_with("operator@example.com", "another horse battery");
    assert_eq!(answer.await.location(), "/admin");
}
