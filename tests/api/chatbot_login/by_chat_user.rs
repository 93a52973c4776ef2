//! Actions asked for by a chat user: with the client's call secret, and by nothing else.

use linkgate::{
    admin::AdminRole::{Operator, Viewer},
    chatbot::{action::NewAction, store::save_action},
};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{Scene, decide, page_for};
use crate::harness::{
    Answer, TestApp,
    canary::{self, Kind},
    chatbot::{CHAT_USER, DOMAIN},
};

fn question(user: &Value) -> Value {
    json!({
        "actionMethod": { "name": "member", "methods": [
            { "variableName": "name", "args": [] },
            { "variableName": "points", "args": ["x"] },
        ]},
        "userInfo": { "id": user, "key": "", "query": "", "entities": { "city": "서울" } },
    })
}

fn said(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let data = answer.json()["data"].clone();
    let value = |at: usize| data[at]["value"].as_str().unwrap().to_owned();
    (value(0), value(1))
}

impl Scene {
    async fn with_actions(db: PgPool) -> Self {
        let scene = Self::new(db).await;
        let (app, id) = (&scene.stage.app, &scene.stage.client.client.id);
        for (name, template) in [
            ("member.name", "{{name}}"),
            (
                "member.points",
                "{{attributes.points}} {{entity.city}} {{args.0}}",
            ),
        ] {
            let action = NewAction {
                name: name.to_owned(),
                template: template.to_owned(),
                json_string: false,
                user_variable: None,
            };
            let action = action.check().unwrap();
            assert!(save_action(&app.db, id, &action, app.now()).await.unwrap());
        }
        scene
    }

    /// Makes the URL in the console; gives its path.
    async fn call_path(&self) -> String {
        let desk = self.stage.app.desk(Operator).await;
        self.made_at(&desk).await
    }

    async fn made_at(&self, desk: &crate::harness::Desk) -> String {
        let page = format!("/admin/clients/{}", self.stage.client.id());
        let form = desk.form(&page, &format!("{page}/call-secret")).await;
        let answer = desk.browser.submit(&form.with("do", "make")).await;
        answer.assert_page(200);
        let url = answer
            .body
            .split("<code>")
            .find(|code| code.contains("/k/lg_ck_"));
        let url = url.unwrap().split('<').next().unwrap().to_owned();
        canary::note(Kind::ClientSecret, url.rsplit('/').next().unwrap());
        url.strip_prefix(&self.stage.app.issuer())
            .unwrap()
            .to_owned()
    }

    async fn call(&self, path: &str, body: &Value) -> Answer {
        let json = [("content-type", "application/json")];
        let body = body.to_string();
        self.stage.platform.send("POST", path, &body, &json).await
    }
}

#[sqlx::test]
async fn the_account_is_that_of_the_chat_user(db: PgPool) {
    let scene = Scene::with_actions(db).await;
    let path = scene.call_path().await;
    let answer = scene.call(&path, &question(&json!(CHAT_USER))).await;
    assert_eq!(answer.status, 401, "{answer:?}");
    scene.connect().await;
    let answer = scene.call(&path, &question(&json!(CHAT_USER))).await;
    assert_eq!(said(&answer), ("김하늘".to_owned(), "12 서울 x".to_owned()));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let stranger = scene.call(&path, &question(&json!("stranger"))).await;
    assert_eq!(stranger.status, 401);
}

#[sqlx::test]
async fn a_wrong_secret_none_and_an_unknown_client_are_the_same_404(db: PgPool) {
    let scene = Scene::with_actions(db).await;
    scene.connect().await;
    let id = scene.stage.client.id();
    let wrong = format!("lg_ck_{}", "A".repeat(43));
    canary::note(Kind::ClientSecret, &wrong);
    let ask = question(&json!(CHAT_USER));
    let off = scene.call(&format!("/action/{id}/k/{wrong}"), &ask).await;
    assert_eq!(off.status, 404);
    let path = scene.call_path().await;
    let secret = path.rsplit('/').next().unwrap().to_owned();
    let other = scene.stage.app.client().await.id();
    for path in [
        format!("/action/{id}/k/{wrong}"),
        format!("/action/{id}/k/x"),
        format!("/action/{id}/k/{}", secret.to_lowercase()),
        format!("/action/{other}/k/{secret}"),
        format!("/action/nobody/k/{secret}"),
        format!("/action/%00/k/{secret}"),
    ] {
        let answer = scene.call(&path, &ask).await;
        assert_eq!((answer.status, &answer.body), (404, &off.body), "{id}");
    }
    assert_eq!(scene.call(&path, &ask).await.status, 200);
    let get = scene.stage.platform.send("GET", &path, "", &[]).await;
    assert_eq!(get.status, 405);
}

#[sqlx::test]
async fn it_is_stored_as_a_hash_replaced_and_removed(db: PgPool) {
    let scene = Scene::with_actions(db).await;
    scene.connect().await;
    let app = &scene.stage.app;
    let desk = app.desk(Operator).await;
    let (first, ask) = (scene.made_at(&desk).await, question(&json!(CHAT_USER)));
    let secret = first.rsplit('/').next().unwrap();
    let hashes = app.count_hashes("chatbot_call_secret", "secret_hash", secret);
    assert_eq!(hashes.await, 1);
    let page = format!("/admin/clients/{}", scene.stage.client.id());
    let action = format!("{page}/call-secret");
    let stale = desk.form(&page, &action).await.with("do", "make");
    assert!(!desk.browser.get(&page).await.body.contains("lg_ck_"));

    app.clock.advance(crate::harness::seconds(1));
    let second = scene.made_at(&desk).await;
    assert_eq!(scene.call(&first, &ask).await.status, 404);
    assert_eq!(scene.call(&second, &ask).await.status, 200);
    // A second tap on the page of before kills nothing.
    let again = desk.browser.submit(&stale).await;
    assert!(
        again.text().contains("Nothing was changed"),
        "{}",
        again.text()
    );
    assert_eq!(scene.call(&second, &ask).await.status, 200);

    let remove = desk.form(&page, &action).await.with("do", "remove");
    desk.browser.submit(&remove).await;
    assert_eq!(scene.call(&second, &ask).await.status, 404);
    let viewer = app.desk(Viewer).await;
    viewer.browser.submit(&stale).await;
    assert_eq!(app.count("chatbot_call_secret", "true").await, 0);
}

#[sqlx::test]
async fn who_may_not_be_spoken_for_is_told_to_link_again(db: PgPool) {
    let scene = Scene::with_actions(db).await;
    scene.connect().await;
    let (path, ask) = (scene.call_path().await, question(&json!(CHAT_USER)));
    let app = &scene.stage.app;
    let sentences = |client: &mut linkgate::client::Client| {
        let settings = &mut client.settings;
        settings.refusal_answer = linkgate::client::RefusalAnswer::Sentence;
        settings.relink_sentence = "Please connect.".to_owned();
        settings.busy_sentence = "One moment.".to_owned();
    };
    app.change_client(&scene.stage.client, sentences).await;
    let relink = ("Please connect.".to_owned(), String::new());

    app.disable(&scene.stage.person).await;
    assert_eq!(said(&scene.call(&path, &ask).await), relink);
    app.enable(&scene.stage.person).await;
    assert_ne!(said(&scene.call(&path, &ask).await), relink);

    let mut locking = app.db.begin().await.unwrap();
    let lock = sqlx::query("lock table chatbot_user in access exclusive mode");
    lock.execute(&mut *locking).await.unwrap();
    assert_eq!(said(&scene.call(&path, &ask).await).0, "One moment.");
    locking.rollback().await.unwrap();

    app.change("update link set state = 'ended', ended_at = now(), end_reason = 'admin'")
        .await;
    assert_eq!(said(&scene.call(&path, &ask).await), relink);
}

#[sqlx::test]
async fn an_id_of_two_people_on_two_messengers_is_nobodys(db: PgPool) {
    let scene = Scene::with_actions(db).await;
    scene.connect().await;
    let (path, ask) = (scene.call_path().await, question(&json!(CHAT_USER)));
    assert_eq!(scene.call(&path, &ask).await.status, 200);
    let other = scene.stage.app.person("other@example.com").await;
    let query = [
        ("userId", CHAT_USER),
        ("platform", "kakao"),
        ("domainCode", DOMAIN),
    ];
    let login = scene.chatbot.login_with(&query);
    let browser = scene.stage.app.browser();
    let page = page_for(&browser, &other, &login).await;
    decide(&browser, &page, "approve").await.assert_page(200);
    assert_eq!(scene.call(&path, &ask).await.status, 401);
    let account = browser.get("/account").await;
    browser.submit(&account.form("/account/unlink")).await;
    assert_eq!(scene.call(&path, &ask).await.status, 200);
}

#[sqlx::test]
async fn a_token_that_comes_along_counts_for_nothing(db: PgPool) {
    let scene = Scene::with_actions(db).await;
    let path = scene.call_path().await;
    let tokens = scene.stage.link().await;
    let bearer = format!("Bearer {}", tokens.access);
    let headers = [
        ("content-type", "application/json"),
        ("authorization", bearer.as_str()),
    ];
    let ask = question(&json!(CHAT_USER)).to_string();
    let answer = scene
        .stage
        .platform
        .send("POST", &path, &ask, &headers)
        .await;
    assert_eq!(answer.status, 401, "{answer:?}");
}

#[sqlx::test]
async fn a_malformed_call_is_told_so(db: PgPool) {
    let scene = Scene::with_actions(db).await;
    let path = scene.call_path().await;
    for user in [
        json!(null),
        json!(7),
        json!(""),
        json!("a\nb"),
        json!("x".repeat(257)),
    ] {
        let answer = scene.call(&path, &question(&user)).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "invalid_request")
        );
    }
    for body in ["{}", "[]", "null"] {
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(scene.call(&path, &body).await.status, 400);
    }
}

#[sqlx::test]
async fn another_domain_or_an_idle_link_knows_nobody(db: PgPool) {
    let scene = Scene::with_actions(db).await;
    scene.connect().await;
    let (path, ask) = (scene.call_path().await, question(&json!(CHAT_USER)));
    let app: &TestApp = &scene.stage.app;
    let domain = |code: &'static str| {
        move |client: &mut linkgate::client::Client| {
            client.settings.chatbot.domain_code = Some(code.to_owned());
        }
    };
    app.change_client(&scene.stage.client, domain("other-bot"))
        .await;
    assert_eq!(scene.call(&path, &ask).await.status, 401);
    app.change_client(&scene.stage.client, domain(DOMAIN)).await;
    assert_eq!(scene.call(&path, &ask).await.status, 200);
    app.clock.advance(crate::harness::days(400));
    assert_eq!(scene.call(&path, &ask).await.status, 401);
}
