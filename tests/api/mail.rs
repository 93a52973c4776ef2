//! Letters on their way: written in the reader's language, sent once, again where that failed, and gone
//! from the database when nobody waits for them any more.

use chrono::TimeDelta;
use linkgate::{
    admin::AdminRole,
    mail::{self, Coded, Letter, Mailer, Recipient},
};
use sqlx::PgPool;

use crate::harness::{self, Browser, MailServer, TestApp, minutes, seconds};

const EMAIL: &str = "haneul@example.com";
const NOT_THROUGH: &str = "Mail is not getting through";

async fn post(app: &TestApp, language: &str, letter: &Letter) {
    let recipient = Recipient {
        email: EMAIL,
        language,
    };
    let posted = mail::post(&app.db, recipient, letter, app.now()).await;
    posted.unwrap();
}

async fn post_code(app: &TestApp, code: &str, lives: TimeDelta) {
    let recipient = Recipient {
        email: EMAIL,
        language: "en",
    };
    let letter = Coded {
        letter: &Letter::SignUpCode,
        code: Some(code),
        service: None,
    };
    let until = (app.now(), app.now() + lives);
    let posted = mail::post_until(&app.db, recipient, letter, app.state(), until).await;
    posted.unwrap();
}

/// A server whose own sender looks only every few seconds, and another sender that looks when it is told.
async fn sender(app: &TestApp, server: &MailServer) -> Mailer {
    let settings = harness::config(&[("LINKGATE_SMTP_URL", &server.url)]);
    let mailer = Mailer::new(&settings).unwrap();
    mailer.send_due(app.state()).await.unwrap();
    mailer
}

async fn home(console: &Browser) -> String {
    console.get("/admin").await.text()
}

#[sqlx::test]
async fn a_letter_comes_as_text_and_html_in_the_readers_language(db: PgPool) {
    let server = MailServer::open().await;
    let app = TestApp::spawn_with(db, &[("LINKGATE_SMTP_URL", &server.url)]).await;
    app.change("update service set name = '한강피자'").await;
    app.state().branding.reload(&app.db).await.unwrap();
    for (language, subject) in [
        ("ko-KR", "한강피자 비밀번호가 바뀌었어요"),
        ("ja", "한강피자のパスワードが変更されました"),
        ("fr", "Your 한강피자 password was changed"),
    ] {
        post(&app, language, &Letter::PasswordChanged { at: app.now() }).await;
        sender(&app, &server).await;
        let letter = server.letter_to(EMAIL).await;
        assert_eq!(letter.subject, subject);
        assert_eq!(letter.from, "한강피자 <no-reply@localhost>");
        let forgot = format!("{}/password/forgot", app.issuer());
        assert!(letter.text.contains(&forgot), "{}", letter.text);
        assert!(letter.html.contains(&forgot) && letter.html.contains("<h1"));
        assert!(letter.raw.contains("Auto-Submitted: auto-generated"));
    }
    assert_eq!(app.count("mail", "true").await, 0);
}

#[sqlx::test]
async fn what_others_wrote_stays_text_in_a_letter(db: PgPool) {
    let server = MailServer::open().await;
    let app = TestApp::spawn_with(db, &[("LINKGATE_SMTP_URL", &server.url)]).await;
    let hostile = "<img src=x onerror=alert(1)>\r\nBcc: all@example.com";
    let letter = Letter::LinkMade {
        client: hostile.to_owned(),
        at: app.now(),
    };
    post(&app, "en", &letter).await;
    sender(&app, &server).await;
    let letter = server.letter_to(EMAIL).await;
    assert!(!letter.html.contains("<img"), "{}", letter.html);
    let (headers, _) = letter.raw.split_once("\r\n\r\n").unwrap();
    assert!(!headers.contains("\nBcc:"), "{headers}");
    assert!(server.letters().is_empty());
}

#[sqlx::test]
async fn a_letter_that_failed_is_tried_again_and_sent_once(db: PgPool) {
    let server = MailServer::open().await;
    let app = TestApp::spawn_with(db, &[("LINKGATE_SMTP_URL", &server.url)]).await;
    server.answer(&["451 later", "421 much later"]);
    post(&app, "en", &Letter::PasswordChanged { at: app.now() }).await;
    let mailer = sender(&app, &server).await;
    for attempts in 1..3 {
        let waits = format!("attempts = {attempts} and failure <> ''");
        while app.count("mail", &waits).await == 0 {
            tokio::task::yield_now().await;
        }
        assert!(server.letters().is_empty());
        // Before its time nobody tries.
        mailer.send_due(app.state()).await.unwrap();
        assert_eq!(app.count("mail", &waits).await, 1);
        app.clock.advance(seconds(20));
        mailer.send_due(app.state()).await.unwrap();
    }
    server.letter_to(EMAIL).await;
    mailer.send_due(app.state()).await.unwrap();
    assert_eq!(app.count("mail", "true").await, 0);
    assert!(server.letters().is_empty());
}

#[sqlx::test]
async fn two_nodes_send_each_letter_once(db: PgPool) {
    let server = MailServer::open().await;
    let app = TestApp::spawn_with(db, &[("LINKGATE_SMTP_URL", &server.url)]).await;
    for _ in 0..12 {
        post(&app, "en", &Letter::PasswordChanged { at: app.now() }).await;
    }
    let settings = harness::config(&[("LINKGATE_SMTP_URL", &server.url)]);
    let senders = [(); 3].map(|()| Mailer::new(&settings).unwrap());
    let sending = senders.iter().map(
        async |mailer| {
            while mailer.send_due(app.state()).await.unwrap() {}
        },
    );
    futures_util::future::join_all(sending).await;
    while app.count("mail", "true").await > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.letters().len(), 12);
}

#[sqlx::test]
async fn a_code_lies_sealed_while_it_waits_and_is_gone_when_its_time_is_over(db: PgPool) {
    let server = MailServer::open().await;
    let app = TestApp::spawn_with(db, &[("LINKGATE_SMTP_URL", &server.url)]).await;
    server.answer(&["451 later"; 20]);
    post_code(&app, "270418", minutes(10)).await;
    let stored = app
        .value("select string_agg(m::text, '') from mail m")
        .await;
    assert!(!stored.unwrap().contains("270418"));
    let mailer = sender(&app, &server).await;
    app.clock.advance(minutes(10));
    while app.count("mail", "true").await > 0 {
        mailer.send_due(app.state()).await.unwrap();
    }
    assert!(server.letters().is_empty());
}

#[sqlx::test]
async fn an_address_that_is_refused_is_given_up_at_once_and_admins_see_why(db: PgPool) {
    let server = MailServer::open().await;
    let app = TestApp::spawn_with(db, &[("LINKGATE_SMTP_URL", &server.url)]).await;
    let console = app.console(AdminRole::Viewer).await;
    assert!(!home(&console).await.contains(NOT_THROUGH));
    server.answer(&["550 nobody here"]);
    post(&app, "en", &Letter::PasswordChanged { at: app.now() }).await;
    let mailer = sender(&app, &server).await;
    while app.count("mail", "true").await > 0 {
        mailer.send_due(app.state()).await.unwrap();
    }
    let shown = home(&console).await;
    assert!(shown.contains(NOT_THROUGH), "{shown}");
    assert!(shown.contains("nobody here"), "{shown}");
    app.clock.advance(seconds(1));
    post(&app, "en", &Letter::PasswordChanged { at: app.now() }).await;
    mailer.send_due(app.state()).await.unwrap();
    server.letter_to(EMAIL).await;
    while app.count("mail", "true").await > 0 {
        tokio::task::yield_now().await;
    }
    assert!(!home(&console).await.contains(NOT_THROUGH));
}

#[sqlx::test]
async fn without_a_mail_server_letters_are_files_for_whoever_runs_the_server(db: PgPool) {
    let folder = harness::fresh_folder();
    let data = folder.to_str().unwrap();
    let app = TestApp::spawn_with(db, &[("LINKGATE_DATA_DIR", data)]).await;
    post_code(&app, "270418", minutes(10)).await;
    let settings = harness::config(&[("LINKGATE_DATA_DIR", data)]);
    let mailer = Mailer::new(&settings).unwrap();
    mailer.send_due(app.state()).await.unwrap();
    while app.count("mail", "true").await > 0 {
        tokio::task::yield_now().await;
    }
    let written = std::fs::read_dir(folder.join("mail")).unwrap();
    let written: Vec<_> = written.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(written.len(), 1, "{written:?}");
    let letter = harness::Letter::read(EMAIL, &std::fs::read(&written[0]).unwrap());
    assert_eq!(letter.code().unwrap(), "270418");
    std::fs::remove_dir_all(folder).unwrap();
}
