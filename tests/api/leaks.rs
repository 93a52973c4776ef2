//! That the search for leaks finds one: in an error page here, in logs and tables in `tests/leaks`.

use reqwest::header::HeaderMap;
use sqlx::PgPool;

use crate::harness::{
    Answer, Stage,
    canary::{self, Kind},
};

/// `scripts/test` fails unless it finds this one in the log and in the dump.
#[sqlx::test]
async fn a_planted_secret_is_logged_and_stored(db: PgPool) {
    let stage = Stage::set(db).await;
    let planted = canary::plant();
    let logged = planted.clone();
    std::thread::spawn(move || tracing::trace!(logged, "planted"))
        .join()
        .unwrap();
    stage
        .app
        .change(&format!("update account set name = '{planted}'"))
        .await;
}

#[sqlx::test]
async fn an_error_that_shows_a_secret_fails_its_test(db: PgPool) {
    let stage = Stage::set(db).await;
    let asked = stage.platform.ask(&[]);
    let redirect = stage.browser.approve(&stage.person, &asked.url).await;
    let tokens = stage.platform.exchange(asked, redirect.code()).await;
    let secret = stage.client.secret.clone().unwrap();
    let cookie = stage.browser.cookie("sid").unwrap();
    let state = redirect.get("state").unwrap();
    for (secret, kind) in [
        (redirect.code(), Kind::Code),
        (&tokens.access, Kind::AccessToken),
        (&tokens.refresh, Kind::RefreshToken),
        (&secret, Kind::ClientSecret),
        (&cookie, Kind::Cookie),
        (state, Kind::State),
        (crate::harness::PASSWORD, Kind::Password),
    ] {
        let page = format!("<p>Sorry: “{secret}” is wrong.</p>");
        assert_eq!(canary::shown(&page), Some(kind));
    }
    assert_eq!(canary::shown("<p>Sorry: lg_ac_ is wrong.</p>"), None);
    let page = Answer {
        status: 400,
        headers: HeaderMap::new(),
        body: format!("<p>{}</p>", redirect.code()),
    };
    assert!(std::panic::catch_unwind(|| canary::watch(&page)).is_err());
}
