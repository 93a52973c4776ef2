//! The console's way from a new client to an answer: its check marks are measured.

use linkgate::{
    admin::AdminRole::{Operator, Viewer},
    client::registration::Draft,
};
use serde_json::json;
use sqlx::PgPool;

use crate::harness::{
    Browser, PASSWORD, Stage, TestApp,
    cek::{self, Cek, SigningKey},
    draft, hours, page_text, preset,
};

/// A client of CLOVA.
fn of_clova() -> Draft {
    Draft {
        preset: preset("clova"),
        ..draft()
    }
}

fn address(stage: &Stage) -> String {
    format!("/admin/clients/{}/setup", stage.client.id())
}

/// Each step with what the page says of it, once everything behind is written.
async fn steps(stage: Stage, db: PgPool) -> Vec<(String, String)> {
    let address = address(&stage);
    stage.app.admin("reader@example.com", Viewer).await;
    let now = stage.app.now();
    stage.app.stop().await;
    let app = TestApp::spawn(db).await;
    app.clock.advance(now - app.now());
    let console = app.browser();
    console.sign_in("reader@example.com").await;
    told(&console, &address).await
}

async fn told(console: &Browser, address: &str) -> Vec<(String, String)> {
    let page = console.get(address).await;
    page.assert_page(200);
    let (_, list) = page.body.split_once("<ol class=\"steps\">").unwrap();
    let (list, _) = list.split_once("</ol>").unwrap();
    let step = |item: &str| {
        let (_, rest) = item.split_once("<h2>").unwrap();
        let (title, rest) = rest.split_once("</h2>").unwrap();
        let (_, said) = rest.rsplit_once("<span class=\"small soft\">").unwrap();
        (title.to_owned(), page_text(&format!("<p>{said}")))
    };
    list.split("<li ").skip(1).map(step).collect()
}

#[track_caller]
fn assert_told(steps: &[(String, String)], title: &str, said: &str) {
    let found = steps.iter().find(|(known, _)| known.contains(title));
    let (_, told) = found.unwrap_or_else(|| panic!("no {title} in {steps:?}"));
    assert!(told.contains(said), "{title}: {told}, not {said}");
}

#[sqlx::test]
async fn a_new_client_has_nothing_to_show_and_is_told_what_comes_first(db: PgPool) {
    let stage = Stage::set_for(db.clone(), of_clova()).await;
    let steps = steps(stage, db).await;
    let titles: Vec<_> = steps.iter().map(|(title, _)| title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Create the extension",
            "Copy these fields there",
            "Paste the client secret there",
            "Set the two messages",
            "Say what the chatbot may ask",
            "Tick “CLOVA OAuth access token”",
            "Record a call, if the token isn’t found",
            "Let your own server ask whose a token is",
            "Wait for the first refresh",
            "Let CEK send signed requests",
            "Connect people who write in a chat",
            "Play CLOVA yourself",
        ]
    );
    assert_told(&steps, "Create the extension", "next not seen yet");
    let others = steps.iter().skip(1);
    for (title, said) in others {
        assert!(
            said == "not seen yet" || said == "optional",
            "{title}: {said}"
        );
    }
}

#[sqlx::test]
async fn what_the_platform_did_is_checked_and_nothing_else(db: PgPool) {
    let stage = Stage::set_for(db.clone(), of_clova()).await;
    stage.open(&[]).await;
    let after_authorize = steps(stage, db.clone()).await;
    assert_told(&after_authorize, "Copy these fields", "seen");
    assert_told(&after_authorize, "Paste the client secret", "not seen yet");
}

#[sqlx::test]
async fn each_part_of_a_linked_chatbot_is_checked(db: PgPool) {
    let stage = Stage::set_for(db.clone(), of_clova()).await;
    stage
        .app
        .change_client(&stage.client, |client| {
            let settings = &mut client.settings;
            settings.extension_id = Some(cek::EXTENSION.to_owned());
            settings.cek.public_key = Some(SigningKey::of_the_platform().public_pem());
            settings.login_guide_message = "계정을 연결해 주세요.".to_owned();
            settings.login_success_message = "연결했어요.".to_owned();
        })
        .await;
    let console = stage.app.console(Operator).await;
    let actions = format!("/admin/clients/{}/actions", stage.client.id());
    console
        .fill_in(
            &actions,
            &actions,
            &[("name", "hello"), ("template", "{{name}}님")],
        )
        .await;
    let tokens = stage.link().await;
    let refreshed = stage.platform.refresh(&tokens).await;
    let id = stage.client.id();
    let action = format!("{}/action/{id}/hello", stage.app.url);
    let body = json!({ "accessToken": refreshed.access });
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.post(&action).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let answer = Cek::new(&stage.app.url, &id)
        .send(&cek::launch(Some(&refreshed.access)))
        .await;
    assert_eq!(answer.status, 200);
    let recorder = format!("/admin/clients/{id}/record");
    console.fill_in(&recorder, &recorder, &[("do", "on")]).await;
    let record = format!("{}/record/{id}/confirm", stage.app.url);
    assert_eq!(
        http.post(&record)
            .json(&body)
            .send()
            .await
            .unwrap()
            .status(),
        200
    );

    let steps = steps(stage, db).await;
    for (title, said) in [
        ("Create the extension", "stored here"),
        ("Copy these fields there", "seen"),
        ("Paste the client secret there", "seen"),
        ("Set the two messages", "stored here"),
        ("Say what the chatbot may ask", "stored here"),
        ("Tick “CLOVA OAuth access token”", "seen"),
        ("Record a call", "seen"),
        ("Let your own server ask", "optional"),
        ("Wait for the first refresh", "seen"),
        ("Let CEK send signed requests", "seen"),
        ("Play CLOVA yourself", "next not seen yet"),
    ] {
        assert_told(&steps, title, said);
    }
}

#[sqlx::test]
async fn calls_that_were_refused_check_nothing(db: PgPool) {
    let stage = Stage::set_for(db.clone(), of_clova()).await;
    let id = stage.client.id();
    stage
        .open(&[("redirect_uri", "https://elsewhere.example/")])
        .await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = json!({ "accessToken": "lg_at_made-up" });
    for path in ["action", "cek", "record"] {
        let url = format!("{}/{path}/{id}", stage.app.url);
        let answer = http.post(url).json(&body).send().await.unwrap();
        assert_ne!(answer.status(), 200, "{path}");
    }
    stage.platform.redeem("lg_ac_made-up", &[]).await;
    stage.app.stop().await;
    let app = TestApp::spawn(db).await;
    assert_eq!(app.count("milestone", "true").await, 0);
}

#[sqlx::test]
async fn simulating_from_the_console_shows_each_step_checks_no_other_and_leaves_nothing(
    db: PgPool,
) {
    let stage = Stage::set_for(db.clone(), of_clova()).await;
    let console = stage.app.console(Operator).await;
    let page = address(&stage);
    let filled = [
        ("email", stage.person.email.as_str()),
        ("password", PASSWORD),
    ];
    let played = console.fill_in(&page, &page, &filled).await;
    played.assert_page(200);
    let text = played.text();
    assert!(text.contains("steps went as they must"), "{text}");
    assert!(text.contains("lost_answer"), "{text}");
    assert!(!played.body.contains(PASSWORD));
    assert_eq!(stage.app.count("link", "state <> 'ended'").await, 0);
    assert_eq!(stage.app.count("client_secret", "true").await, 1);
    stage.app.clock.advance(hours(1));

    let steps = steps(stage, db).await;
    assert_told(&steps, "Copy these fields there", "only by the simulator");
    assert_told(&steps, "Paste the client secret", "only by the simulator");
    assert_told(
        &steps,
        "Wait for the first refresh",
        "only by the simulator",
    );
    assert_told(&steps, "Play CLOVA yourself", "seen an hour ago");
}

#[sqlx::test]
async fn a_simulation_that_fails_names_the_step(db: PgPool) {
    let stage = Stage::set_for(db, of_clova()).await;
    let console = stage.app.console(Operator).await;
    let page = address(&stage);
    let filled = [
        ("email", stage.person.email.as_str()),
        ("password", "not it at all"),
    ];
    let played = console.fill_in(&page, &page, &filled).await;
    played.assert_page(200);
    let text = played.text();
    assert!(text.contains("It stopped at a step that failed"), "{text}");
    assert!(
        text.contains("the e-mail address or the password is wrong"),
        "{text}"
    );
}

#[sqlx::test]
async fn a_viewer_looks_and_does_not_simulate(db: PgPool) {
    let stage = Stage::set_for(db, of_clova()).await;
    let console = stage.app.console(Viewer).await;
    let page = console.get(&address(&stage)).await;
    page.assert_page(200);
    assert!(!page.body.contains("name=\"password\""));
    let csrf = page.form("/admin/logout");
    let forged = crate::harness::Form {
        action: address(&stage),
        ..csrf
    };
    let refused = console
        .submit(
            &forged
                .with("email", &stage.person.email)
                .with("password", PASSWORD),
        )
        .await;
    assert_eq!(refused.status, 403);
    assert_eq!(stage.app.count("link", "true").await, 0);
}

#[sqlx::test]
async fn the_newest_failure_is_told_with_what_to_do(db: PgPool) {
    let stage = Stage::set_for(db.clone(), of_clova()).await;
    let code = stage.code().await;
    let body = format!("grant_type=authorization_code&code={code}");
    let wrong = crate::harness::basic(&stage.client.id(), "wrong");
    stage
        .platform
        .post_raw(&body, &[("authorization", &wrong)])
        .await;
    stage.app.admin("reader@example.com", Viewer).await;
    let page = address(&stage);
    stage.app.stop().await;
    let app = TestApp::spawn(db).await;
    let console = app.browser();
    console.sign_in("reader@example.com").await;
    let text = console.get(&page).await.text();
    assert!(text.contains("The newest try did not end well"), "{text}");
    assert!(
        text.contains("The client secret at the token URL was wrong"),
        "{text}"
    );
    assert!(text.contains("Paste the current secret into"), "{text}");
}
