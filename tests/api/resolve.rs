//! `/resolve`: whose account a token stands for, and nothing to anybody else (RES in the abuse
//! cases).

use serde_json::json;
use sqlx::PgPool;

use crate::harness::{Answer, Stage, hours, seconds, tokens};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn with_header(stage: &Stage, authorization: &str) -> Answer {
    let headers = [("authorization", authorization)];
    stage.platform.send("GET", "/resolve", "", &headers).await
}

/// Fails unless the answer refuses the token and says nothing of any account.
#[track_caller]
fn assert_no_token(answer: &Answer) {
    assert_eq!(answer.status, 401, "{answer:?}");
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer realm="), "{challenge}");
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.error(), "invalid_token");
    let body = answer.json();
    assert!(
        body.get("account").is_none() && body.get("link").is_none(),
        "{body}"
    );
}

#[sqlx::test]
async fn a_token_resolves_to_its_account_and_link(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let answer = stage.platform.resolve(&link.access).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let link_id = stage.app.value("select link_id from link").await.unwrap();
    let expected = json!({
        "account": {
            "id": stage.person.id,
            "external_id": "customer:haneul@example.com",
            "email": "haneul@example.com",
            "name": "김하늘",
            "locale": "ko",
            "attributes": { "points": 12, "tier": "gold" },
        },
        "link": {
            "id": link_id,
            "client_id": stage.client.id(),
            "scope": ["account:id", "account:email", "account:profile", "account:attributes"],
            "linked_at": "2026-05-04T09:30:00Z",
        },
    });
    assert_eq!(answer.json(), expected);
}

#[sqlx::test]
async fn res_04_what_the_scope_does_not_grant_is_absent(db: PgPool) {
    let stage = Stage::set(db).await;
    for (scope, shown) in [
        ("account:id", vec!["external_id", "id"]),
        ("account:email", vec!["email", "external_id", "id"]),
        (
            "account:profile",
            vec!["external_id", "id", "locale", "name"],
        ),
        (
            "account:attributes",
            vec!["attributes", "external_id", "id"],
        ),
    ] {
        let code = stage.approve(&[("scope", scope)]).await;
        let link = tokens(&stage.redeem(code.code()).await);
        let answer = stage.platform.resolve(&link.access).await.json();
        let account = answer["account"].as_object().unwrap();
        let names: Vec<_> = account.keys().map(String::as_str).collect();
        assert_eq!(names, shown, "{scope}");
    }
}

#[sqlx::test]
async fn a_token_may_come_in_a_posted_form_or_on_a_post_without_one(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let body = format!("access_token={}", link.access);
    let in_form = stage
        .platform
        .send("POST", "/resolve", &body, &[FORM])
        .await;
    assert_eq!(in_form.status, 200);
    let bearer = format!("Bearer {}", link.access);
    let json = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let in_header = stage.platform.send("POST", "/resolve", "{}", &json).await;
    assert_eq!(in_header.status, 200);
    assert_eq!(in_form.json(), in_header.json());
}

#[sqlx::test]
async fn res_01_without_a_token_there_is_a_challenge_without_an_error(db: PgPool) {
    let stage = Stage::set(db).await;
    for headers in [vec![], vec![("authorization", "Basic eDp5")], vec![FORM]] {
        for method in ["GET", "POST"] {
            let answer = stage.platform.send(method, "/resolve", "", &headers).await;
            assert_eq!(answer.status, 401);
            let challenge = answer.header("www-authenticate").unwrap();
            assert_eq!(challenge, "Bearer realm=\"linkgate\"");
        }
    }
}

#[sqlx::test]
async fn res_01_an_expired_token_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    stage.app.clock.advance(hours(1) - seconds(1));
    assert!(stage.resolves(&link).await);
    stage.app.clock.advance(seconds(1));
    assert_no_token(&stage.platform.resolve(&link.access).await);
}

#[sqlx::test]
async fn res_01_a_clients_own_access_lifetime_counts(db: PgPool) {
    let stage = Stage::set(db).await;
    let shorter = |client: &mut linkgate::client::Client| {
        client.settings.access_lifetime = seconds(360);
    };
    stage.app.change_client(&stage.client, shorter).await;
    let link = stage.link().await;
    assert_eq!(link.expires_in, 360);
    stage.app.clock.advance(seconds(359));
    assert!(stage.resolves(&link).await);
    stage.app.clock.advance(seconds(1));
    assert!(!stage.resolves(&link).await);
}

#[sqlx::test]
async fn res_01_malformed_tokens_are_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.link().await;
    for token in [
        "x",
        "lg_at_",
        "lg_at_AAAA",
        "null",
        "a b",
        "é",
        "\"",
        &"x".repeat(4097),
        "",
    ] {
        assert_no_token(&with_header(&stage, &format!("Bearer {token}")).await);
    }
    for token in ["x", "lg_at_AAAA", "%00x", "a%0d%0ab"] {
        let body = format!("access_token={token}");
        let answer = stage
            .platform
            .send("POST", "/resolve", &body, &[FORM])
            .await;
        assert!([400, 401].contains(&answer.status), "{answer:?}");
    }
}

#[sqlx::test]
async fn res_01_disabled_or_unlinked_means_no_on_every_node_at_once(db: PgPool) {
    let stage = Stage::set(db).await;
    let second = stage.app.second_node().await;
    let elsewhere = second.platform(&stage.client);
    let link = stage.link().await;
    assert_eq!(elsewhere.resolve(&link.access).await.status, 200);

    stage.app.disable(&stage.person).await;
    assert_no_token(&elsewhere.resolve(&link.access).await);
    stage.app.enable(&stage.person).await;
    stage.app.disable_client(&stage.client).await;
    assert_no_token(&elsewhere.resolve(&link.access).await);
    stage
        .app
        .change("update client set disabled_at = null")
        .await;
    assert_eq!(elsewhere.resolve(&link.access).await.status, 200);

    stage.browser.log_in(&stage.person).await;
    let form = stage.browser.get("/account").await.form("/account/unlink");
    stage.browser.submit(&form).await;
    assert_no_token(&elsewhere.resolve(&link.access).await);
}

#[sqlx::test]
async fn a_raised_epoch_ends_the_access_tokens_and_not_the_link(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    stage
        .app
        .change("update link set access_epoch = access_epoch + 1")
        .await;
    assert_no_token(&stage.platform.resolve(&link.access).await);
    let refreshed = tokens(&stage.platform.refresh_with(&link.refresh, &[]).await);
    assert!(stage.resolves(&refreshed).await);
}

#[sqlx::test]
async fn res_02_a_token_comes_in_one_way_only_and_never_in_the_url(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let bearer = format!("Bearer {}", link.access);
    let query = format!("/resolve?access_token={}", link.access);
    let body = format!("access_token={}", link.access);
    let authorized = [("authorization", bearer.as_str()), FORM];
    for (method, path, body, headers) in [
        ("GET", query.as_str(), "", &authorized[..0]),
        ("GET", "/resolve?access_token=", "", &authorized[..1]),
        ("GET", &query, "", &authorized[..1]),
        ("POST", "/resolve", &body, &authorized),
        ("POST", &query, &body, &authorized),
        (
            "POST",
            "/resolve",
            &format!("{body}&{body}"),
            &authorized[1..],
        ),
    ] {
        let answer = stage.platform.send(method, path, body, headers).await;
        assert_eq!(answer.status, 400, "{method} {path}: {answer:?}");
        assert_eq!(answer.error(), "invalid_request");
    }
}

#[sqlx::test]
async fn res_03_no_other_secret_passes_for_an_access_token(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let code = stage.code().await;
    let page = stage.consent_page(&[]).await;
    let form = page.form("/consent");
    for other in [
        link.refresh.clone(),
        link.refresh.replace("lg_rt_", "lg_at_"),
        code,
        stage.browser.cookie("sid").unwrap(),
        stage.browser.cookie("txn").unwrap(),
        stage.client.secret.clone().unwrap(),
        form.value("csrf").to_owned(),
        form.value("flow").to_owned(),
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.".to_owned(),
    ] {
        assert_no_token(&stage.platform.resolve(&other).await);
    }
}

#[sqlx::test]
async fn res_06_the_scheme_may_be_in_any_case_but_must_come_once(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    for scheme in ["bearer", "BEARER", "Bearer", "BeArEr"] {
        let answer = with_header(&stage, &format!("{scheme} {}", link.access)).await;
        assert_eq!(answer.status, 200, "{scheme}");
    }
    let bearer = format!("Bearer {}", link.access);
    let twice = [
        ("authorization", bearer.as_str()),
        ("authorization", bearer.as_str()),
    ];
    let answer = stage.platform.send("GET", "/resolve", "", &twice).await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (400, "invalid_request")
    );
}

#[sqlx::test]
async fn res_07_junk_is_refused_without_asking_the_database(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    stage.app.clock.advance(hours(2));
    let refreshed = tokens(&stage.platform.refresh_with(&link.refresh, &[]).await);
    stage
        .app
        .change_schema("alter table link rename to gone")
        .await;
    let mut forged = refreshed.access.clone();
    forged.replace_range(
        20..21,
        if forged.get(20..21) == Some("A") {
            "B"
        } else {
            "A"
        },
    );
    for junk in [
        "x",
        "lg_at_AAAA",
        &forged,
        &link.access,
        &link.refresh,
        &"x".repeat(4000),
    ] {
        assert_no_token(&stage.platform.resolve(junk).await);
    }
    let genuine = stage.platform.resolve(&refreshed.access).await;
    assert!(genuine.status >= 500, "{genuine:?}");
}

#[sqlx::test]
async fn res_07_a_megabyte_of_token_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let huge = "x".repeat(1_000_000);
    let body = format!("access_token={huge}");
    let answer = stage
        .platform
        .send("POST", "/resolve", &body, &[FORM])
        .await;
    assert!(
        [400, 401, 413].contains(&answer.status),
        "{}",
        answer.status
    );
    let answer = with_header(&stage, &format!("Bearer {}", "x".repeat(60_000))).await;
    assert!(
        [400, 401, 431].contains(&answer.status),
        "{}",
        answer.status
    );
}

#[sqlx::test]
async fn res_08_no_token_near_a_good_one_is_good(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    for at in (0..link.access.len()).step_by(3) {
        let mut bytes = link.access.clone().into_bytes();
        let letter = bytes.get_mut(at).unwrap();
        *letter = if *letter == b'A' { b'B' } else { b'A' };
        assert_no_token(
            &stage
                .platform
                .resolve(&String::from_utf8(bytes).unwrap())
                .await,
        );
    }
    for near in [
        format!("{}A", link.access),
        format!("{}=", link.access),
        link.access.get(..link.access.len() - 1).unwrap().to_owned(),
        link.access.to_uppercase(),
    ] {
        assert_no_token(&stage.platform.resolve(&near).await);
    }
    assert!(stage.resolves(&link).await);
}

#[sqlx::test]
async fn the_last_use_and_the_refusals_are_written_behind(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    assert!(stage.resolves(&link).await);
    stage.app.clock.advance(hours(1));
    for _ in 0..3 {
        assert!(!stage.resolves(&link).await);
    }
    let watching = stage.app.second_node().await;
    stage.app.stop().await;
    let used = watching
        .value("select last_used_at at time zone 'utc' from link")
        .await;
    assert_eq!(used.as_deref(), Some("2026-05-04 09:30:00"));
    let refused = watching
        .value("select times from event where kind = 'refused:access'")
        .await;
    assert_eq!(refused.as_deref(), Some("3"));
}
