//! `/oauth/revoke`: the platform says good-bye (REV in the abuse cases).

use sqlx::PgPool;

use crate::harness::{Answer, Stage, days, hours, seconds, tokens};

/// Fails unless this is the one answer to every revocation that was heard (RFC 7009 §2.2).
#[track_caller]
fn assert_heard(answer: &Answer) {
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[sqlx::test]
async fn rev_01_a_revoked_refresh_token_ends_the_link_on_every_node(db: PgPool) {
    let stage = Stage::set(db).await;
    let second = stage.app.second_node().await;
    let elsewhere = second.platform(&stage.client);
    let link = stage.link().await;
    assert_eq!(elsewhere.resolve(&link.access).await.status, 200);
    assert_heard(&stage.platform.revoke(&link.refresh).await);
    assert_eq!(elsewhere.resolve(&link.access).await.status, 401);
    let refreshed = elsewhere.refresh_with(&link.refresh, &[]).await;
    refreshed.assert_refused(400, "invalid_grant");
    assert_eq!(stage.app.only_link().await, "ended by platform");
    assert_heard(&stage.platform.revoke(&link.refresh).await);

    stage.app.stop().await;
    let told = second.count("event", "kind = 'link_ended' and detail = 'platform'");
    assert_eq!(told.await, 1);
}

#[sqlx::test]
async fn rev_01_a_public_client_revokes_by_its_id(db: PgPool) {
    let stage = Stage::set_public(db).await;
    let link = stage.link().await;
    assert_heard(&stage.platform.revoke(&link.refresh).await);
    assert_eq!(stage.app.only_link().await, "ended by platform");
}

#[sqlx::test]
async fn rev_01_a_revoked_access_token_leaves_the_link_alive(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    let second = tokens(&stage.platform.refresh_with(&first.refresh, &[]).await);
    assert_heard(&stage.platform.revoke(&second.access).await);
    assert!(!stage.resolves(&first).await && !stage.resolves(&second).await);
    assert_eq!(stage.app.only_link().await, "active");

    let third = tokens(&stage.platform.refresh_with(&second.refresh, &[]).await);
    assert!(stage.resolves(&third).await);
    // It is dead, so revoking it again kills nothing that was issued since.
    assert_heard(&stage.platform.revoke(&second.access).await);
    assert_heard(&stage.platform.revoke(&first.access).await);
    assert!(stage.resolves(&third).await);
    let epoch = stage.app.value("select access_epoch from link").await;
    assert_eq!(epoch.as_deref(), Some("1"));
}

#[sqlx::test]
async fn rev_01_an_expired_access_token_revokes_nothing(db: PgPool) {
    let stage = Stage::set(db).await;
    let old = stage.link().await;
    stage.app.clock.advance(hours(1));
    let new = tokens(&stage.platform.refresh_with(&old.refresh, &[]).await);
    assert_heard(&stage.platform.revoke(&old.access).await);
    assert!(stage.resolves(&new).await);
}

#[sqlx::test]
async fn rev_01_a_refresh_token_of_any_age_says_good_bye(db: PgPool) {
    let stage = Stage::set(db).await;
    for age in 0..4 {
        let oldest = stage.link().await;
        let mut newest = oldest.clone();
        for _ in 0..age {
            newest = tokens(&stage.platform.refresh_with(&newest.refresh, &[]).await);
            stage.app.clock.advance(seconds(90));
        }
        assert!(stage.resolves(&newest).await);
        assert_heard(&stage.platform.revoke(&oldest.refresh).await);
        assert!(!stage.resolves(&newest).await, "after {age} refreshes");
    }
    let alive = stage.app.count("link", "state <> 'ended'").await;
    assert_eq!(alive, 0);
}

#[sqlx::test]
async fn rev_02_unknown_and_garbage_tokens_are_heard(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let code = stage.code().await;
    for token in [
        "x",
        "lg_rt_",
        "lg_rt_AAAA",
        "lg_at_AAAA",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
        "토큰",
        "a b\"c",
        &code,
        &link.refresh.replace("lg_rt_", "lg_at_"),
        &link.access.replace("lg_at_", "lg_rt_"),
        &link.refresh.to_uppercase(),
        &format!("{}A", link.refresh),
        &"x".repeat(60_000),
    ] {
        assert_heard(&stage.platform.revoke(token).await);
    }
    assert!(stage.resolves(&link).await);
}

#[sqlx::test]
async fn rev_03_another_clients_token_is_heard_without_effect(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    for other in [stage.app.client().await, stage.app.public_client().await] {
        let platform = stage.app.platform(&other);
        for token in [&link.refresh, &link.access] {
            assert_heard(&platform.revoke(token).await);
        }
    }
    assert!(stage.resolves(&link).await);
    tokens(&stage.platform.refresh_with(&link.refresh, &[]).await);
}

#[sqlx::test]
async fn rev_04_only_the_authenticated_client_revokes(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let token = ("token", link.refresh.as_str());
    let id = ("client_id", stage.platform.client_id.as_str());
    for fields in [
        vec![token],
        vec![token, id],
        vec![token, id, ("client_secret", "wrong")],
        vec![token, ("client_id", "unknown"), ("client_secret", "x")],
    ] {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&fields)
            .finish();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let path = "/oauth/revoke";
        let answer = stage.platform.send("POST", path, &form, &headers).await;
        answer.assert_refused(401, "invalid_client");
    }
    stage.app.disable_client(&stage.client).await;
    let answer = stage.platform.revoke(&link.refresh).await;
    answer.assert_refused(401, "invalid_client");
    assert_eq!(stage.app.only_link().await, "active");
}

#[sqlx::test]
async fn rev_04_it_is_a_post_of_a_form_and_calls_back_nobody(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let secret = stage.client.secret.as_deref().unwrap();
    let basic = crate::harness::basic(&stage.platform.client_id, secret);
    let authorized = ("authorization", basic.as_str());
    let query = format!("/oauth/revoke?token={}", link.refresh);
    for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
        let answer = stage.platform.send(method, &query, "", &[authorized]).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("POST"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    let form = ("content-type", "application/x-www-form-urlencoded");
    let json = ("content-type", "application/json");
    let body = format!("token={}", link.refresh);
    for (path, body, headers) in [
        (query.as_str(), "", vec![authorized, form]),
        (&query, &body, vec![authorized, form]),
        ("/oauth/revoke", "", vec![authorized, form]),
        ("/oauth/revoke", "token=", vec![authorized, form]),
        (
            "/oauth/revoke",
            &format!("{body}&{body}"),
            vec![authorized, form],
        ),
        ("/oauth/revoke", &body, vec![authorized, json]),
        ("/oauth/revoke", &body, vec![authorized]),
    ] {
        let answer = stage.platform.send("POST", path, body, &headers).await;
        answer.assert_refused(400, "invalid_request");
    }
    assert!(stage.resolves(&link).await);
    let fields = [("token", link.refresh.as_str()), ("callback", "package.f")];
    assert_heard(&stage.platform.post_to("/oauth/revoke", &fields).await);
    assert_eq!(stage.app.only_link().await, "ended by platform");
}

#[sqlx::test]
async fn rev_05_a_wrong_hint_does_not_matter(db: PgPool) {
    let stage = Stage::set(db).await;
    for hint in ["access_token", "refresh_token", "id_token", "", "훅"] {
        let link = stage.link().await;
        for token in [&link.access, &link.refresh] {
            let fields = [("token", token.as_str()), ("token_type_hint", hint)];
            assert_heard(&stage.platform.post_to("/oauth/revoke", &fields).await);
            assert!(!stage.resolves(&link).await, "{hint}");
        }
        let refreshed = stage.platform.refresh_with(&link.refresh, &[]).await;
        refreshed.assert_refused(400, "invalid_grant");
    }
}

#[sqlx::test]
async fn a_revocation_that_was_not_written_is_never_reported_as_done(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let node = stage.app.second_node().await;
    let platform = node.platform(&stage.client);
    for (cut, mend) in [
        (
            "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
             create trigger refuse before update on link for each row execute function refuse()",
            "drop trigger refuse on link",
        ),
        (
            "alter table link rename to gone",
            "alter table gone rename to link",
        ),
    ] {
        for statement in cut.split_inclusive("$$;") {
            stage.app.change_schema(statement).await;
        }
        for token in [&link.refresh, &link.access] {
            let answer = platform.revoke(token).await;
            assert_eq!(answer.status, 503, "{answer:?}");
            assert_eq!(answer.header("retry-after"), Some("1"));
            assert_eq!(answer.error(), "temporarily_unavailable");
        }
        stage.app.change_schema(mend).await;
        assert!(stage.resolves(&link).await);
    }
    assert_heard(&platform.revoke(&link.refresh).await);
    assert!(!stage.resolves(&link).await);
}

#[sqlx::test]
async fn race_04_after_a_refresh_met_a_revocation_nothing_is_valid(db: PgPool) {
    let stage = Stage::set(db).await;
    let node = stage.app.second_node().await;
    let second = node.platform(&stage.client);
    for _ in 0..6 {
        let held = stage.link().await;
        let (refreshed, revoked) = tokio::join!(
            second.refresh_with(&held.refresh, &[]),
            stage.platform.revoke(&held.refresh)
        );
        assert_heard(&revoked);
        let newest = match refreshed.status {
            200 => tokens(&refreshed),
            _ => held,
        };
        assert!(!stage.resolves(&newest).await);
        let again = second.refresh_with(&newest.refresh, &[]).await;
        again.assert_refused(400, "invalid_grant");
    }
}

#[sqlx::test]
async fn a_link_that_died_of_idleness_can_still_be_revoked(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    stage.app.clock.advance(days(401));
    assert_heard(&stage.platform.revoke(&link.refresh).await);
    assert_eq!(stage.app.only_link().await, "ended by platform");
}
