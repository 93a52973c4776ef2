//! How clients show who they are at the token endpoint (CLI in the abuse cases).

use base64::{Engine, engine::general_purpose::STANDARD};
use linkgate::client::registration::Draft;
use sqlx::PgPool;

use crate::harness::{Answer, Stage, basic, days, draft, minutes, seconds, tokens};

/// A request that would succeed but for its client authentication.
struct Attempt {
    stage: Stage,
    body: String,
}

impl Attempt {
    async fn new(db: PgPool) -> Self {
        let stage = Stage::set(db).await;
        let tokens = stage.link().await;
        let body = format!("grant_type=refresh_token&refresh_token={}", tokens.refresh);
        Self { stage, body }
    }

    fn id(&self) -> &str {
        &self.stage.platform.client_id
    }

    fn secret(&self) -> &str {
        self.stage.platform.secret.as_deref().unwrap()
    }

    /// With that `Authorization` header, and that after the body.
    async fn with(&self, authorization: &[&str], more: &str) -> Answer {
        let headers: Vec<_> = authorization
            .iter()
            .map(|value| ("authorization", *value))
            .collect();
        let body = format!("{}{more}", self.body);
        self.stage.platform.post_raw(&body, &headers).await
    }

    async fn with_basic(&self, id: &str, secret: &str) -> Answer {
        self.with(&[&basic(id, secret)], "").await
    }
}

#[sqlx::test]
async fn basic_and_body_credentials_are_both_accepted(db: PgPool) {
    let attempt = Attempt::new(db).await;
    let (id, secret) = (attempt.id(), attempt.secret());
    assert_eq!(attempt.with_basic(id, secret).await.status, 200);
    let body = format!("&client_id={id}&client_secret={secret}");
    assert_eq!(attempt.with(&[], &body).await.status, 200);
    let named_twice = format!("&client_id={id}");
    assert_eq!(
        attempt
            .with(&[&basic(id, secret)], &named_twice)
            .await
            .status,
        200
    );
}

#[sqlx::test]
async fn cli_01_without_authentication_nothing_is_given(db: PgPool) {
    let attempt = Attempt::new(db).await;
    let id = format!("&client_id={}", attempt.id());
    for more in ["", &id, "&client_id=", "&client_secret=x"] {
        attempt
            .with(&[], more)
            .await
            .assert_refused(401, "invalid_client");
    }
}

#[sqlx::test]
async fn cli_02_a_wrong_secret_by_basic_is_challenged(db: PgPool) {
    let attempt = Attempt::new(db).await;
    let answer = attempt.with_basic(attempt.id(), "lg_cs_wrong").await;
    answer.assert_refused(401, "invalid_client");
    assert!(
        answer
            .header("www-authenticate")
            .unwrap()
            .starts_with("Basic realm=")
    );
}

#[sqlx::test]
async fn cli_03_a_wrong_secret_in_the_body_is_401(db: PgPool) {
    let attempt = Attempt::new(db).await;
    let more = format!("&client_id={}&client_secret=lg_cs_wrong", attempt.id());
    attempt
        .with(&[], &more)
        .await
        .assert_refused(401, "invalid_client");
}

#[sqlx::test]
async fn cli_04_two_ways_at_once_are_refused(db: PgPool) {
    let attempt = Attempt::new(db).await;
    let (id, secret) = (attempt.id(), attempt.secret());
    let header = basic(id, secret);
    for more in [
        format!("&client_id={id}&client_secret={secret}"),
        format!("&client_id={id}&client_secret=other"),
        "&client_secret=".to_owned(),
        format!("&client_secret={secret}"),
    ] {
        let answer = attempt.with(&[&header], &more).await;
        answer.assert_refused(400, "invalid_request");
    }
}

#[sqlx::test]
async fn cli_05_the_header_and_the_body_must_name_one_client(db: PgPool) {
    let attempt = Attempt::new(db).await;
    let other = attempt.stage.app.client().await;
    let header = basic(attempt.id(), attempt.secret());
    let answer = attempt
        .with(&[&header], &format!("&client_id={}", other.id()))
        .await;
    answer.assert_refused(401, "invalid_client");
}

#[sqlx::test]
async fn cli_06_basic_credentials_are_decoded_exactly_once(db: PgPool) {
    let attempt = Attempt::new(db).await;
    let every_byte = |text: &str| {
        let escapes = text.bytes().map(|byte| format!("%{byte:02x}"));
        escapes.collect::<Vec<_>>().concat()
    };
    let header =
        |id: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let (id, secret) = (every_byte(attempt.id()), every_byte(attempt.secret()));
    assert_eq!(attempt.with(&[&header(&id, &secret)], "").await.status, 200);
    let twice = every_byte(&secret);
    attempt
        .with(&[&header(&id, &twice)], "")
        .await
        .assert_refused(401, "invalid_client");

    // A secret of an older installation may hold anything.
    let curious = "p%2B+:/ =&한🍕";
    let hash =
        format!("update client_secret set secret_hash = sha256(convert_to('{curious}', 'UTF8'))");
    attempt.stage.app.change(&hash).await;
    assert_eq!(attempt.with_basic(attempt.id(), curious).await.status, 200);
    let raw = header(attempt.id(), curious);
    attempt
        .with(&[&raw], "")
        .await
        .assert_refused(401, "invalid_client");
}

#[sqlx::test]
async fn cli_07_unencoded_credentials_are_refused_and_never_guessed_at(db: PgPool) {
    let attempt = Attempt::new(db).await;
    for secret in ["100%zz", "100%", "a+b"] {
        let hash = format!("update client_secret set secret_hash = sha256('{secret}')");
        attempt.stage.app.change(&hash).await;
        let header = format!(
            "Basic {}",
            STANDARD.encode(format!("{}:{secret}", attempt.id()))
        );
        attempt
            .with(&[&header], "")
            .await
            .assert_refused(401, "invalid_client");
        assert_eq!(attempt.with_basic(attempt.id(), secret).await.status, 200);
    }
}

#[sqlx::test]
async fn cli_08_a_malformed_header_is_refused(db: PgPool) {
    let attempt = Attempt::new(db).await;
    let good = basic(attempt.id(), attempt.secret());
    let pair = good.strip_prefix("Basic ").unwrap();
    for bad in [
        "Basic",
        "Basic ",
        "Basic !!!",
        &format!("Basic {}", STANDARD.encode("no colon")),
        &format!("Basic {}", STANDARD.encode(":")),
        &format!("Basic {}", STANDARD.encode(format!("{}:", attempt.id()))),
        &format!("Basic  {pair}"),
        &format!("Basic {pair} x"),
        &format!("Basic\t{pair}"),
        &format!("Bearer {pair}"),
        &format!("Digest {pair}"),
        pair,
        "",
    ] {
        attempt
            .with(&[bad], "")
            .await
            .assert_refused(401, "invalid_client");
    }
    for scheme in ["basic", "BASIC"] {
        assert_eq!(
            attempt
                .with(&[&format!("{scheme} {pair}")], "")
                .await
                .status,
            200
        );
    }
    attempt
        .with(&[&good, &good], "")
        .await
        .assert_refused(401, "invalid_client");
    // Bytes that are no text at all.
    let junk = format!("Basic {}", STANDARD.encode([0xFF, 0xFE, b':', 0xC0, 0xAE]));
    attempt
        .with(&[&junk], "")
        .await
        .assert_refused(401, "invalid_client");
}

#[sqlx::test]
async fn cli_09_a_secret_in_the_url_is_refused(db: PgPool) {
    let attempt = Attempt::new(db).await;
    let form = ("content-type", "application/x-www-form-urlencoded");
    let query = format!(
        "client_id={}&client_secret={}",
        attempt.id(),
        attempt.secret()
    );
    let url = format!("/oauth/token?{query}");
    let answer = attempt
        .stage
        .platform
        .send("POST", &url, &attempt.body, &[form])
        .await;
    answer.assert_refused(400, "invalid_request");
    assert!(!answer.body.contains(attempt.secret()));
}

#[sqlx::test]
async fn cli_10_nothing_near_the_secret_is_the_secret(db: PgPool) {
    let attempt = Attempt::new(db).await;
    let (id, secret) = (attempt.id(), attempt.secret());
    let shorter = secret.get(..secret.len() - 1).unwrap();
    for near in [
        &format!("{secret}\n"),
        &format!("{secret} "),
        &format!(" {secret}"),
        &format!("{secret}\0"),
        &secret.to_uppercase(),
        &secret.to_lowercase(),
        shorter,
        "lg_cs_",
        "",
        "null",
    ] {
        attempt
            .with_basic(id, near)
            .await
            .assert_refused(401, "invalid_client");
        let body = url::form_urlencoded::byte_serialize(near.as_bytes()).collect::<String>();
        let answer = attempt
            .with(&[], &format!("&client_id={id}&client_secret={body}"))
            .await;
        assert!([400, 401].contains(&answer.status), "{near:?}: {answer:?}");
        // So slowly that none of them is refused for being one too many.
        attempt.stage.app.clock.advance(minutes(1));
    }
}

#[sqlx::test]
async fn cli_10_a_secret_is_stored_as_its_hash_alone(db: PgPool) {
    let attempt = Attempt::new(db).await;
    let (app, secret) = (&attempt.stage.app, attempt.secret());
    let stored = app.count_hashes("client_secret", "secret_hash", secret);
    assert_eq!(stored.await, 1);
}

#[sqlx::test]
async fn cli_11_an_unknown_client_looks_like_a_wrong_secret_and_so_does_a_disabled_one(db: PgPool) {
    let attempt = Attempt::new(db).await;
    let disabled = attempt.stage.app.client().await;
    attempt.stage.app.disable_client(&disabled).await;
    let public = Draft {
        public: true,
        ..draft()
    };
    let public = attempt.stage.app.register(public).await;
    let wrong = attempt.with_basic(attempt.id(), "lg_cs_wrong").await;
    for other in [
        attempt.with_basic("unknown", "lg_cs_wrong").await,
        attempt
            .with_basic(&disabled.id(), disabled.secret.as_deref().unwrap())
            .await,
        attempt.with_basic(&public.id(), "lg_cs_wrong").await,
        attempt
            .with(&[], "&client_id=unknown&client_secret=x")
            .await,
        attempt.with(&[], "&client_id=unknown").await,
    ] {
        assert_eq!((other.status, &other.body), (wrong.status, &wrong.body));
        assert_eq!(other.headers.len(), wrong.headers.len());
        assert_eq!(
            other.header("www-authenticate"),
            wrong.header("www-authenticate")
        );
    }
}

#[sqlx::test]
async fn a_public_client_proves_itself_by_pkce_and_must_send_no_secret(db: PgPool) {
    let stage = Stage::set_public(db).await;
    let tokens = stage.link().await;
    let with_secret = stage
        .platform
        .refresh_with(&tokens.refresh, &[("client_secret", "x")])
        .await;
    with_secret.assert_refused(401, "invalid_client");
    let without = stage.platform.refresh_with(&tokens.refresh, &[]).await;
    assert_eq!(without.status, 200);
}

#[sqlx::test]
async fn after_a_rotation_both_secrets_work_until_the_overlap_ends(db: PgPool) {
    let mut stage = Stage::set(db).await;
    let link = stage.link().await;
    let old = stage.app.platform(&stage.client);
    stage.app.give_secret(&mut stage.client, days(7)).await;
    let new = stage.app.platform(&stage.client);
    stage.app.clock.advance(days(7) - seconds(1));
    let link = tokens(&old.refresh_with(&link.refresh, &[]).await);
    let link = tokens(&new.refresh_with(&link.refresh, &[]).await);
    stage.app.clock.advance(seconds(1));
    old.refresh_with(&link.refresh, &[])
        .await
        .assert_refused(401, "invalid_client");
    assert_eq!(new.refresh_with(&link.refresh, &[]).await.status, 200);
}
