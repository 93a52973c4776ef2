//! Inviting people in the console.

use linkgate::admin::AdminRole::{Operator, Viewer};
use sqlx::PgPool;

use crate::harness::{Answer, Browser, MailServer, TestApp, days, minutes, seconds};

const LIST: &str = "/admin/invitations";
const NEW: &str = "/admin/invitations/new";
const GUEST: &str = "guest@example.com";

struct Scene {
    app: TestApp,
    mail: MailServer,
    console: Browser,
}

impl Scene {
    async fn set(db: PgPool) -> Self {
        let mail = MailServer::open().await;
        let settings = [
            ("LINKGATE_SMTP_URL", mail.url.as_str()),
            ("LINKGATE_SIGNUP", "invited"),
        ];
        let app = TestApp::spawn_with(db, &settings).await;
        let console = app.console(Operator).await;
        Self { app, mail, console }
    }

    async fn invite(&self, email: &str, days: &str) -> Answer {
        let form = self.console.get(NEW).await.form(NEW).with("email", email);
        let form = form.with("language", "en").with("days", days);
        self.console.submit(&form).await
    }

    /// The page of the only invitation.
    async fn page(&self) -> String {
        let id = self.app.value("select invitation_id from invitation").await;
        format!("{LIST}/{}", id.unwrap())
    }

    async fn press(&self, what: &str) -> Answer {
        let page = self.page().await;
        let form = self
            .console
            .get(&page)
            .await
            .form(&format!("{page}/{what}"));
        self.console.submit(&form).await
    }

    async fn letters(&self) -> usize {
        while self.app.count("mail", "true").await > 0 {
            tokio::task::yield_now().await;
        }
        self.mail.letters().len()
    }

    async fn told(&self, detail: &str) -> i64 {
        let condition =
            format!("kind = 'admin_change' and admin_id is not null and detail = '{detail}'");
        self.app.count("event", &condition).await
    }
}

#[sqlx::test]
async fn whoever_is_invited_gets_a_letter_in_their_language_and_signs_up(db: PgPool) {
    let scene = Scene::set(db).await;
    let invited = scene.invite(GUEST, "7").await;
    assert_eq!(
        invited.location(),
        "/admin/invitations?done=invitation-sent"
    );
    let letter = scene.mail.letter_to(GUEST).await;
    assert_eq!(letter.subject, "Linkgate invites you");
    assert!(letter.text.contains("until 11 May 2026"), "{letter:?}");
    let list = scene.console.get(LIST).await.text();
    assert!(list.contains(GUEST) && list.contains("Open"), "{list}");
    assert!(list.contains("operator@example.com"), "{list}");
    assert_eq!(scene.told("Invited guest@example.com").await, 1);

    let browser = scene.app.browser();
    let form = browser.get("/signup").await.form("/signup");
    let asked = browser.submit(&form.with("email", GUEST)).await;
    let page = browser.get(asked.location()).await;
    let code = scene.mail.letter_to(GUEST).await.code().unwrap();
    let typed = browser
        .submit(&page.form("/verify").with("code", &code))
        .await;
    let form = browser.get(typed.location()).await.form("/signup/finish");
    let form = form
        .with("name", "Guest")
        .with("password", "ochre tundra lamp");
    assert_eq!(browser.submit(&form).await.location(), "/account");
    let list = scene.console.get(LIST).await.text();
    assert!(list.contains("Used") && !list.contains("Open"), "{list}");
    // Nothing is left to send or to take back.
    let page = scene.console.get(&scene.page().await).await;
    assert!(!page.body.contains("/withdraw\"") && !page.body.contains("/send\""));
}

#[sqlx::test]
async fn a_double_tap_invites_once(db: PgPool) {
    let scene = Scene::set(db).await;
    for _ in 0..2 {
        assert_eq!(scene.invite(GUEST, "7").await.status, 303);
    }
    // However it is written.
    assert_eq!(scene.invite("Guest@Example.com", "7").await.status, 303);
    assert_eq!(scene.app.count("invitation", "true").await, 1);
    assert_eq!(scene.letters().await, 1);
    assert_eq!(scene.told("Invited guest@example.com").await, 1);
}

#[sqlx::test]
async fn an_invitation_is_sent_again_and_its_time_begins_anew(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.invite(GUEST, "7").await;
    assert_eq!(scene.letters().await, 1);
    scene.app.clock.advance(days(8));
    scene.console.sign_in("operator@example.com").await;
    let list = scene.console.get(LIST).await.text();
    assert!(list.contains("Expired"), "{list}");
    let page = scene.page().await;
    for _ in 0..2 {
        let sent = scene.press("send").await;
        assert_eq!(sent.location(), format!("{page}?done=invitation-sent"));
    }
    assert_eq!(scene.letters().await, 2);
    let again = "expires_at = invited_at + interval '7 days' and language = 'en'";
    assert_eq!(scene.app.count("invitation", again).await, 1);
    let list = scene.console.get(LIST).await.text();
    assert!(list.contains("Open"), "{list}");
    scene.app.clock.advance(seconds(31));
    scene.press("send").await;
    assert_eq!(scene.letters().await, 3);
}

#[sqlx::test]
async fn who_is_no_longer_invited_gets_no_code(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.invite(GUEST, "7").await;
    scene.mail.letter_to(GUEST).await;
    let page = scene.page().await;
    let form = scene
        .console
        .get(&page)
        .await
        .form(&format!("{page}/withdraw"));
    for _ in 0..2 {
        let gone = scene.console.submit(&form).await;
        assert_eq!(
            gone.location(),
            "/admin/invitations?done=invitation-withdrawn"
        );
    }
    scene.console.get(&page).await.assert_page(404);
    assert_eq!(
        scene
            .told("Withdrew the invitation of guest@example.com")
            .await,
        1
    );
    scene.app.clock.advance(minutes(1));
    let browser = scene.app.browser();
    let form = browser.get("/signup").await.form("/signup");
    browser.submit(&form.with("email", GUEST)).await;
    assert_eq!(scene.mail.letter_to(GUEST).await.code(), None);
}

#[sqlx::test]
async fn whom_an_invitation_would_not_help_is_not_invited(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.app.person("haneul@example.com").await;
    for (email, days, why) in [
        (
            "HANEUL@example.com",
            "7",
            "This address has an account already.",
        ),
        ("nobody", "7", "The e-mail address is not valid."),
        (GUEST, "0", "It must be 1 to 90 days."),
        (GUEST, "91", "It must be 1 to 90 days."),
        (GUEST, "soon", "It must be 1 to 90 days."),
    ] {
        let refused = scene.invite(email, days).await;
        refused.assert_page(422);
        assert!(refused.text().contains(why), "{email} {days}: {refused:?}");
        assert_eq!(refused.form(NEW).value("email"), email);
    }
    assert_eq!(scene.app.count("invitation", "true").await, 0);
    assert_eq!(scene.letters().await, 0);
}

#[sqlx::test]
async fn where_nobody_can_sign_up_the_page_says_why_and_invites_nobody(db: PgPool) {
    let scene = Scene::set(db).await;
    let form = scene.console.get(NEW).await.form(NEW).with("email", GUEST);
    let mail = [("LINKGATE_SMTP_URL", scene.mail.url.as_str())];
    let off = scene.app.node_with(&mail).await;
    let console = scene.console.at(&off.url);
    let page = console.get(NEW).await;
    assert!(page.text().contains("LINKGATE_SIGNUP is off"), "{page:?}");
    assert!(!page.body.contains("name=\"email\""), "{page:?}");
    console.submit(&form).await.assert_page(422);
    assert_eq!(scene.app.count("invitation", "true").await, 0);
}

#[sqlx::test]
async fn viewers_see_invitations_and_change_none(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.invite(GUEST, "7").await;
    let viewer = scene.app.console(Viewer).await;
    let list = viewer.get(LIST).await;
    assert!(list.text().contains(GUEST), "{list:?}");
    assert!(!list.body.contains("/new\""), "{list:?}");
    let page = viewer.get(&scene.page().await).await;
    assert!(!page.body.contains("/withdraw\""), "{page:?}");
}
