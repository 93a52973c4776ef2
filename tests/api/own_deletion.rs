//! What people are mailed about the deletion of their accounts.

use sqlx::PgPool;

use crate::harness::{Letter, MailServer, PASSWORD, Stage, TestApp, days, draft};

struct Scene {
    stage: Stage,
    mail: MailServer,
}

impl Scene {
    async fn set(db: PgPool) -> Self {
        let mail = MailServer::open().await;
        let settings = [("LINKGATE_SMTP_URL", mail.url.as_str())];
        let app = TestApp::spawn_with(db, &settings).await;
        let stage = Stage::on(app, draft()).await;
        Self { stage, mail }
    }

    async fn letter(&self) -> Letter {
        self.mail.letter_to(&self.stage.person.email).await
    }

    /// Asks for the deletion, and once more with the same form.
    async fn ask_twice(&self) {
        let browser = &self.stage.browser;
        let form = browser.get("/account/delete").await.form("/account/delete");
        let form = form.with("current", PASSWORD);
        for _ in 0..2 {
            let answer = browser.submit(&form).await;
            assert_eq!(answer.location(), "/account/you");
        }
    }

    async fn nothing_else_came(&self) {
        while self.stage.app.count("mail", "true").await > 0 {
            tokio::task::yield_now().await;
        }
        let came = self.mail.letters();
        assert!(came.is_empty(), "{came:?}");
    }
}

#[sqlx::test]
async fn who_asks_for_the_deletion_is_told_when_it_comes_and_how_to_stop_it(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.stage.browser.log_in(&scene.stage.person).await;
    scene.ask_twice().await;
    let letter = scene.letter().await;
    assert_eq!(letter.subject, "Linkgate 계정이 삭제될 예정이에요");
    assert!(
        letter.text.contains("2026년 5월 11일에 계정과"),
        "{letter:?}"
    );
    assert!(letter.text.contains("‘계정 유지하기’"), "{letter:?}");
    let home = format!("{}/account", scene.stage.app.issuer());
    assert!(letter.text.contains(&home), "{letter:?}");
    scene.nothing_else_came().await;
    let asked = "kind = 'deletion_asked'";
    assert_eq!(scene.stage.app.count("event", asked).await, 1);
}

#[sqlx::test]
async fn who_keeps_the_account_is_told_so(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.stage.browser.log_in(&scene.stage.person).await;
    scene.ask_twice().await;
    scene.letter().await;
    let page = scene.stage.browser.get("/account").await;
    let form = page.form("/account/keep");
    for _ in 0..2 {
        scene.stage.browser.submit(&form).await;
    }
    let letter = scene.letter().await;
    assert_eq!(letter.subject, "Linkgate 계정을 계속 쓸 수 있어요");
    scene.nothing_else_came().await;
    let kept = "kind = 'deletion_called_off'";
    assert_eq!(scene.stage.app.count("event", kept).await, 1);
}

#[sqlx::test]
async fn who_is_deleted_gets_one_last_letter_and_leaves_no_address_behind(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.stage.link().await;
    scene.stage.link().await;
    scene.letter().await;
    scene.letter().await;
    scene.ask_twice().await;
    scene.letter().await;
    let invited = "insert into invitation (email_key, email, invited_at, expires_at)
                   values ('haneul@example.com', 'haneul@example.com', now(), '2100-01-01')";
    scene.stage.app.change(invited).await;
    scene.stage.app.clock.advance(days(7));
    scene.stage.app.clean().await;
    let letter = scene.letter().await;
    assert_eq!(letter.subject, "Linkgate 계정이 삭제됐어요");
    // It says that the links ended; there is none about each of them.
    assert!(letter.text.contains("연결된 앱도 모두"), "{letter:?}");
    scene.nothing_else_came().await;
    let app = &scene.stage.app;
    assert_eq!(app.count("event", "kind = 'link_ended'").await, 2);
    assert_eq!(app.count("account", "true").await, 0);
    assert_eq!(app.count("mail", "true").await, 0);
    for table in ["event", "attempt", "invitation", "mailed_code", "session"] {
        let left = app
            .count(&format!("{table} t"), "t::text like '%haneul%'")
            .await;
        assert_eq!(left, 0, "{table}");
    }
}

#[sqlx::test]
async fn a_deletion_that_can_t_be_told_of_is_not_done(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.stage.browser.log_in(&scene.stage.person).await;
    scene.ask_twice().await;
    scene.letter().await;
    let app = &scene.stage.app;
    app.clock.advance(days(7));
    let refuse = "alter table mail add constraint refused check (false) not valid";
    app.change_schema(refuse).await;
    let failed = linkgate::ops::background::clean_once(app.state()).await;
    assert!(failed.is_err());
    assert_eq!(app.count("account", "true").await, 1);
    app.change_schema("alter table mail drop constraint refused")
        .await;
    app.clean().await;
    assert_eq!(app.count("account", "true").await, 0);
}
