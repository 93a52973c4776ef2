//! The mails about links: made, and ended with the reason, however that came about.

use linkgate::admin::AdminRole;
use sqlx::PgPool;

use crate::harness::{Letter, MailServer, PASSWORD, Stage, TestApp, days, draft, minutes, seconds};

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

    /// The letters about a new link and about its end, which go out at the same time: gives the latter.
    async fn told_of_the_end(&self) -> Letter {
        let mut letters = [self.letter().await, self.letter().await];
        letters.sort_by_key(|letter| letter.subject.contains("끝났어요"));
        let [made, ended] = letters;
        assert_eq!(made.subject, "Speaker에 Linkgate 계정을 연결했어요");
        assert_eq!(ended.subject, "Speaker 연결이 끝났어요");
        assert_eq!(self.stage.app.count("mail", "true").await, 0);
        ended
    }
}

#[sqlx::test]
async fn a_person_is_told_of_a_link_and_that_they_ended_it(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.stage.link().await;
    let page = scene.stage.browser.get("/account").await;
    let form = page.form("/account/unlink");
    assert_eq!(scene.stage.browser.submit(&form).await.status, 200);
    let letter = scene.told_of_the_end().await;
    assert!(
        letter.text.contains("회원님이 연결을 끊었어요"),
        "{}",
        letter.text
    );
}

#[sqlx::test]
async fn a_person_is_told_that_the_platform_ended_a_link(db: PgPool) {
    let scene = Scene::set(db).await;
    let link = scene.stage.link().await;
    scene.stage.platform.revoke(&link.refresh).await;
    let letter = scene.told_of_the_end().await;
    assert!(
        letter.text.contains("Speaker 앱에서 연결을 끊었어요"),
        "{}",
        letter.text
    );
}

#[sqlx::test]
async fn a_person_is_told_that_an_admin_ended_a_link(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.stage.link().await;
    let id = scene.stage.app.value("select link_id from link").await;
    let page = format!("/admin/links/{}/end", id.unwrap());
    let desk = scene.stage.app.desk(AdminRole::Operator).await;
    assert_eq!(desk.press(&page, &page).await.status, 303);
    let letter = scene.told_of_the_end().await;
    assert!(
        letter.text.contains("Linkgate 쪽에서 연결을 끊었어요"),
        "{}",
        letter.text
    );
}

#[sqlx::test]
async fn a_person_is_told_that_a_link_was_ended_for_safety(db: PgPool) {
    let scene = Scene::set(db).await;
    let code = scene.stage.code().await;
    scene.stage.redeem(&code).await;
    scene.stage.app.clock.advance(seconds(30));
    scene.stage.redeem(&code).await;
    let letter = scene.told_of_the_end().await;
    assert!(letter.text.contains("보호하려고"), "{}", letter.text);
}

#[sqlx::test]
async fn a_person_is_told_that_a_link_died_of_idleness(db: PgPool) {
    let scene = Scene::set(db).await;
    let app = &scene.stage.app;
    scene.stage.link().await;
    scene.letter().await;
    app.change("update link set link_id = '00000000-0000-4000-8000-000000000000'")
        .await;
    app.clock.advance(days(401));
    // Another part of all links has its turn every five minutes; this one is in the first of 256.
    let turns = app.now().timestamp().div_euclid(300).rem_euclid(256);
    let turns = i32::try_from(256 - turns).unwrap();
    app.clock.advance(minutes(5) * turns);
    app.clean().await;
    let letter = scene.letter().await;
    assert!(
        letter.text.contains("오랫동안 쓰지 않아서"),
        "{}",
        letter.text
    );
}

#[sqlx::test]
async fn nobody_is_told_of_a_link_that_was_never_made(db: PgPool) {
    let scene = Scene::set(db).await;
    let page = scene.stage.consent_page(&[]).await;
    scene.stage.browser.decide(&page, "deny").await;
    scene.stage.code().await;
    scene.stage.app.clock.advance(days(1));
    scene.stage.app.clean().await;
    scene.stage.link().await;
    scene.letter().await;
    assert_eq!(scene.stage.app.count("mail", "true").await, 0);
    assert!(scene.mail.letters().is_empty());
}

#[sqlx::test]
async fn an_operator_can_switch_the_mails_about_links_off(db: PgPool) {
    let scene = Scene::set(db).await;
    let console = scene.stage.app.console(AdminRole::Operator).await;
    let settings = console.get("/admin/settings").await.form("/admin/settings");
    assert_eq!(settings.value("link_mails"), "on");
    let saved = console.submit(&settings.without("link_mails")).await;
    assert_eq!(saved.location(), "/admin/settings?done=settings-saved");
    let link = scene.stage.link().await;
    scene.stage.platform.revoke(&link.refresh).await;
    let (app, mail) = (scene.stage.app, scene.mail);
    let db = app.db.clone();
    app.stop().await;
    let told = sqlx::query_scalar("select count(*) from event where kind = 'link_ended'");
    let told: i64 = told.fetch_one(&db).await.unwrap();
    let waiting = sqlx::query_scalar("select count(*) from mail");
    let waiting: i64 = waiting.fetch_one(&db).await.unwrap();
    assert_eq!((told, waiting), (1, 0));
    assert!(mail.letters().is_empty());
}

/// How many letters of that subject there are, and how many that say there are more.
async fn counted(scene: &Scene, subject: &str, more: &str) -> (usize, usize) {
    while scene.stage.app.count("mail", "true").await > 0 {
        tokio::task::yield_now().await;
    }
    let mut letters = scene.mail.letters();
    letters.retain(|letter| !letter.subject.contains("비밀번호"));
    let of = |text: &str| letters.iter().filter(|l| l.subject.contains(text)).count();
    assert_eq!(letters.len(), of(subject) + of(more), "{letters:?}");
    (of(subject), of(more))
}

#[sqlx::test]
async fn nobody_is_flooded_with_letters_about_links(db: PgPool) {
    let scene = Scene::set(db).await;
    let app = &scene.stage.app;
    let (made, more) = ("계정을 연결했어요", "앱을 더 연결했어요");
    for _ in 0..9 {
        scene.stage.link().await;
        app.clock.advance(minutes(1));
    }
    app.written_behind(9).await;
    assert_eq!(counted(&scene, made, more).await, (5, 1));
    // Another person's are another's.
    let other = app.person("other@example.com").await;
    let browser = app.browser();
    let url = scene.stage.platform.url_with(&[]);
    let code = browser.approve(&other, &url).await;
    scene.stage.redeem(code.code()).await;
    scene.mail.letter_to(&other.email).await;
    // An hour after the first ones there are letters again.
    app.clock.advance(minutes(56));
    scene.stage.link().await;
    app.written_behind(11).await;
    assert_eq!(counted(&scene, made, more).await, (6, 1));
}

#[sqlx::test]
async fn links_that_end_at_once_are_told_of_in_few_letters(db: PgPool) {
    let scene = Scene::set(db).await;
    for _ in 0..8 {
        scene.stage.link().await;
        scene.stage.app.clock.advance(minutes(20));
        scene.stage.browser.log_in(&scene.stage.person).await;
        scene.letter().await;
    }
    let browser = &scene.stage.browser;
    let form = browser.get("/account/password").await;
    let form = form.form("/account/password").with("current", PASSWORD);
    let form = form.with("password", "seventeen purple herons");
    let changed = browser.submit(&form.with("links", "end")).await;
    assert_eq!(changed.status, 303);
    let ended = ("연결이 끝났어요", "연결이 더 끝났어요");
    assert_eq!(counted(&scene, ended.0, ended.1).await, (5, 1));
    let told = scene.stage.app.count("event", "kind = 'link_ended'").await;
    assert_eq!(told, 8);
}

#[sqlx::test]
async fn letters_about_a_link_name_the_service_as_the_clients_pages_do(db: PgPool) {
    let scene = Scene::set(db).await;
    let app = &scene.stage.app;
    let brand = "insert into client_branding (client_id, name, updated_at)
                 select client_id, '한강피자', now() from client";
    app.change(brand).await;
    let link = scene.stage.link().await;
    let made = scene.letter().await;
    assert_eq!(made.subject, "Speaker에 한강피자 계정을 연결했어요");
    assert!(made.from.starts_with("한강피자 <"), "{made:?}");
    assert!(!made.text.contains("Linkgate"), "{made:?}");
    scene.stage.platform.revoke(&link.refresh).await;
    let ended = scene.letter().await;
    assert!(ended.text.contains("한강피자 계정을 더"), "{ended:?}");
}

#[sqlx::test]
async fn a_code_asked_for_on_a_clients_pages_is_from_the_service_as_they_call_it(db: PgPool) {
    let scene = Scene::set(db).await;
    let app = &scene.stage.app;
    let look = format!("/admin/clients/{}/look", scene.stage.client.id());
    let desk = app.desk(AdminRole::Operator).await;
    let form = desk.form(&look, &look).await.with("name", "한강피자");
    assert_eq!(desk.browser.submit(&form).await.status, 303);
    for (start, service) in [
        (
            scene.stage.open(&[]).await.location().to_owned(),
            "한강피자",
        ),
        ("/login".to_owned(), "Linkgate"),
    ] {
        let browser = if service == "Linkgate" {
            &app.browser()
        } else {
            &scene.stage.browser
        };
        let start = start.replace("/login", "/password/forgot");
        let form = browser.get(&start).await.form("/password/forgot");
        let asked = form.with("email", &scene.stage.person.email);
        assert_eq!(browser.submit(&asked).await.status, 303);
        let letter = scene.letter().await;
        let subject = format!("Your code for a new {service} password");
        assert_eq!(letter.subject, subject);
        assert!(
            letter.text.contains(&format!("Nobody at {service} will")),
            "{letter:?}"
        );
        assert!(
            letter.from.starts_with(&format!("{service} <")),
            "{letter:?}"
        );
    }
}
