//! Where the recorder finds the token, and having the client look there.

use linkgate::admin::AdminRole::Owner;
use serde_json::json;
use sqlx::PgPool;

use super::{JSON, Recorder};
use crate::harness::hours;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[sqlx::test]
async fn one_click_has_the_client_look_where_the_token_was(db: PgPool) {
    let recorder = Recorder::on(db.clone()).await;
    let headers = [JSON, ("x-clova-token", recorder.token.as_str())];
    recorder.post("{}", &headers).await;
    let page = recorder.shown().await;
    let adopt = page.form(&format!("{}/adopt", recorder.page()));
    assert_eq!(adopt.value("place"), "header:x-clova-token");
    let answer = recorder.console.submit(&adopt).await;
    assert!(answer.location().ends_with("/record?done=place-adopted"));
    let places = recorder.places().await;
    let (first, rest) = places.split_first().unwrap();
    assert_eq!((first.as_str(), rest.len()), ("header:x-clova-token", 4));
    let text = recorder.shown().await.text();
    assert!(text.contains("where the client looks first"), "{text}");
    assert!(!text.contains("Look there first"), "{text}");

    let app = recorder.stage.app;
    app.stop().await;
    let told: Vec<String> = sqlx::query_scalar(
        "select detail from event where kind = 'admin_change' and admin_id is not null order by event_id",
    )
    .fetch_all(&db)
    .await
    .unwrap();
    let expected = [
        "recorder switched on for ten minutes",
        "client changed: token_places",
    ];
    assert_eq!(told, expected);
}

#[sqlx::test]
async fn every_kind_of_place_is_found_in_a_clients_own_words(db: PgPool) {
    let recorder = Recorder::on(db).await;
    let token = &recorder.token;
    let bearer = format!("Bearer {token}");
    let form = format!("a=1&tok={token}");
    let list = json!({ "a/b": [{ "~": bearer }] }).to_string();
    let query = format!("?t={token}");
    for (rest, body, headers, place) in [
        ("", "", vec![("authorization", bearer.as_str())], "bearer"),
        (
            "",
            "",
            vec![("authorization", token.as_str())],
            "header:authorization",
        ),
        ("", "", vec![("x-token", bearer.as_str())], "header:x-token"),
        ("", form.as_str(), vec![FORM], "form:tok"),
        ("", list.as_str(), vec![JSON], "json:/a~1b/0/~0"),
        (query.as_str(), "", vec![], "query:t"),
    ] {
        recorder.call("POST", rest, body, &headers).await;
        let page = recorder.shown().await;
        let words = format!("Found at {place}");
        assert!(page.text().contains(&words), "{place}: {}", page.text());
        if place != "bearer" {
            recorder.adopt(place).await.location();
            assert_eq!(recorder.places().await.first().unwrap(), place);
        }
        recorder.switch("forget").await;
    }
    let elsewhere = format!("token={token}");
    for (body, headers) in [
        (elsewhere.as_str(), vec![("content-type", "text/plain")]),
        (list.as_str(), vec![("content-type", "text/plain")]),
        ("", vec![("x-t", elsewhere.as_str())]),
        ("", vec![("x-t", bearer.as_str()), ("x-t", bearer.as_str())]),
    ] {
        recorder.post(body, &headers).await;
        let text = recorder.shown().await.text();
        assert!(
            text.contains("nowhere a client can look"),
            "{headers:?}: {text}"
        );
        assert!(!text.contains("Found at"), "{headers:?}: {text}");
        recorder.switch("forget").await;
    }
}

#[sqlx::test]
async fn a_token_of_another_client_is_neither_told_nor_adopted(db: PgPool) {
    let recorder = Recorder::on(db).await;
    let app = &recorder.stage.app;
    let other = app.client().await;
    let platform = app.platform(&other);
    let stranger = app.person("stranger@example.com").await;
    app.change_account(&stranger, |account| "박바다".clone_into(&mut account.name))
        .await;
    let asked = platform.ask(&[]);
    let redirect = app.browser().approve(&stranger, &asked.url).await;
    let foreign = platform.exchange(asked, redirect.code()).await.access;
    recorder.post("{}", &[("x-token", &foreign)]).await;
    let page = recorder.shown().await;
    let text = page.text();
    assert!(text.contains("of another client’s link"), "{text}");
    assert!(
        !page.body.contains(&foreign) && !text.contains("박바다"),
        "{text}"
    );
    assert!(!text.contains("Look there first"), "{text}");
    assert_eq!(recorder.adopt("header:x-token").await.status, 404);

    let altered = format!("{}x", recorder.token);
    recorder.post("{}", &[("x-token", &altered)]).await;
    let page = recorder.shown().await;
    assert!(page.text().contains("looks like one of ours, but is not"));
    assert!(!page.body.contains(&recorder.token));
    assert_eq!(recorder.adopt("header:x-token").await.status, 404);
    assert_eq!(recorder.adopt("header:x-never-seen").await.status, 404);
    assert_eq!(recorder.places().await.len(), 4);
}

#[sqlx::test]
async fn an_expired_token_still_says_where_it_was(db: PgPool) {
    let recorder = Recorder::on(db).await;
    recorder.stage.app.clock.advance(hours(2));
    let console = recorder.stage.app.console(Owner).await;
    let page = recorder.page();
    console.fill_in(&page, &page, &[("do", "on")]).await;
    recorder.post("{}", &[("x-token", &recorder.token)]).await;
    let text = console.get(&page).await.text();
    assert!(text.contains("has expired: the link of 김하늘"), "{text}");
    assert!(text.contains("Look there first"), "{text}");
}
