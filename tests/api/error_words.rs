//! What error pages and error answers say: our own words, and nothing that a stranger chose.

use sqlx::PgPool;

use crate::harness::{Answer, Stage, basic};

/// A parameter's name that could say anything on a page of ours.
const CHOSEN: &str = "Call-0900-666-666-now";

#[track_caller]
fn assert_unsaid(answer: &Answer) {
    let shown = format!("{:?} {}", answer.headers, answer.body);
    assert!(!shown.contains("0900"), "{answer:?}");
}

#[sqlx::test]
async fn an_error_page_never_shows_a_name_or_a_path_of_the_request(db: PgPool) {
    let stage = Stage::set(db).await;
    let url = stage.platform.url_with(&[]);
    for value in ["%ff", "%00", "%zz", "%c0%ae", "x"] {
        let parameter = format!("{CHOSEN}={value}");
        let unproven = format!("/oauth/authorize?client_id={CHOSEN}&{parameter}");
        for address in [
            format!("{url}&{parameter}"),
            format!("{url}&{parameter}&client_id=twice"),
            unproven,
            format!("/login?{parameter}"),
            format!("/login?flow={CHOSEN}&{parameter}"),
            format!("/consent?flow={CHOSEN}&{parameter}"),
            format!("/account?{parameter}"),
            format!("/admin/login?{parameter}"),
            format!("/{CHOSEN}?{parameter}"),
            format!("/static/{CHOSEN}"),
        ] {
            let answer = stage.browser.get(&address).await;
            // What isn't refused leads on with a sealed flow, or shows a page without it.
            assert_unsaid(&answer);
        }
        let form = ("content-type", "application/x-www-form-urlencoded");
        for path in [
            "/login",
            "/consent",
            "/logout",
            "/account/unlink",
            "/admin/login",
        ] {
            let post = stage.browser.request("POST", path).header(form.0, form.1);
            let answer = stage.browser.send(post.body(parameter.clone())).await;
            assert!([400, 403].contains(&answer.status), "{path}: {answer:?}");
            assert_unsaid(&answer);
        }
    }
}

#[sqlx::test]
async fn an_error_answer_never_shows_a_name_or_a_value_of_the_request(db: PgPool) {
    let stage = Stage::set(db).await;
    let secret = stage.platform.secret.as_deref().unwrap();
    let header = basic(&stage.platform.client_id, secret);
    for body in [
        format!("{CHOSEN}=%ff"),
        format!("{CHOSEN}=%00"),
        format!("grant_type={CHOSEN}"),
        format!("grant_type=refresh_token&refresh_token={CHOSEN}"),
        format!("grant_type=authorization_code&code={CHOSEN}&redirect_uri={CHOSEN}"),
        format!("token={CHOSEN}&token_type_hint={CHOSEN}"),
    ] {
        for path in [
            "/oauth/token",
            "/oauth/revoke",
            "/oauth/introspect",
            "/resolve",
        ] {
            let headers = [
                ("authorization", header.as_str()),
                ("content-type", "application/x-www-form-urlencoded"),
            ];
            let answer = stage.platform.send("POST", path, &body, &headers).await;
            assert_unsaid(&answer);
        }
    }
    let path = format!("/action/{}/{CHOSEN}", stage.client.id());
    assert_unsaid(&stage.platform.send("GET", &path, "", &[]).await);
}
