//! Authorization requests that are posted (AUT-14 in the abuse cases).

use sqlx::PgPool;
use url::form_urlencoded;

use crate::harness::{Redirect, Stage};

#[sqlx::test]
async fn aut_14_a_posted_request_works_like_one_in_the_url(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.browser.log_in(&stage.person).await;
    for state in ["plain", "한 🍕\r\n&=+%"] {
        let url = stage.platform.url_with(&[("state", state)]);
        let query = url.split_once('?').unwrap().1.to_owned();
        let post = stage
            .browser
            .request("POST", "/oauth/authorize")
            .body(query);
        let form = "application/x-www-form-urlencoded";
        let answer = stage.browser.send(post.header("content-type", form)).await;
        assert_eq!(answer.status, 303);
        let page = stage.browser.get(answer.location()).await;
        let approved = Redirect::of(&stage.browser.decide(&page, "approve").await);
        assert_eq!(approved.get("state"), Some(state));
    }
}

#[sqlx::test]
async fn aut_14_a_posted_request_may_hold_raw_bytes(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.browser.log_in(&stage.person).await;
    let uri: String =
        form_urlencoded::byte_serialize(stage.platform.redirect_uri.as_bytes()).collect();
    for state in ["한", "a\r\nSet-Cookie: x=y", "a b"] {
        let body = format!(
            "response_type=code&client_id={}&redirect_uri={uri}&state={state}",
            stage.client.id()
        );
        let post = stage.browser.request("POST", "/oauth/authorize").body(body);
        let form = "application/x-www-form-urlencoded";
        let answer = stage.browser.send(post.header("content-type", form)).await;
        assert_eq!(
            (answer.status, answer.cookies().len()),
            (303, 0),
            "{state:?}: {answer:?}"
        );
        let page = stage.browser.get(answer.location()).await;
        let approved = Redirect::of(&stage.browser.decide(&page, "approve").await);
        assert_eq!(approved.get("state"), Some(state));
    }
}

#[sqlx::test]
async fn aut_14_a_posted_request_is_a_form_or_a_page_says_so(db: PgPool) {
    let stage = Stage::set(db).await;
    for media_type in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
    ] {
        let url = stage.platform.url_with(&[]);
        let query = url.split_once('?').unwrap().1.to_owned();
        let post = stage
            .browser
            .request("POST", "/oauth/authorize")
            .body(query);
        let answer = stage
            .browser
            .send(post.header("content-type", media_type))
            .await;
        answer.assert_page(400);
    }
    let refused = stage
        .platform
        .send("PUT", "/oauth/authorize", "", &[])
        .await;
    refused.assert_page(405);
}
