//! What every client plays: somebody links, the platform refreshes, and revokes.

use std::{process::Stdio, time::Duration};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use linkgate::foundation::clock::{Clock, SystemClock};
use serde_json::json;
use sqlx::PgPool;

use crate::{
    harness::{PASSWORD, REDIRECT_URI, Registered, Stage, minutes},
    libraries::{Language, Runner},
};

/// The longest a client may take, with time to spare on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);
const KID: &str = "of-the-client";

/// A client with a key, and the private key in PKCS#8.
async fn signing_client(stage: &Stage) -> (Registered, Vec<u8>) {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let point = key.public_key().as_ref();
    let (x, y) = (text(&point[1..33]), text(&point[33..]));
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": KID });
    let set = json!({ "keys": [jwk] }).to_string();
    let client = stage.app.client().await;
    let with_keys = |client: &mut linkgate::client::Client| client.settings.jwks = Some(set);
    stage.app.change_client(&client, with_keys).await;
    let private = key.to_pkcs8v1().unwrap();
    (client, private.as_ref().to_vec())
}

/// Lets a script play a client of each kind; it ends each link that it makes.
pub async fn plays(db: PgPool, language: Language, script: &str) {
    let stage = Stage::set(db).await;
    // Assertions are made by the machine's clock. This one stands still, and the script takes a while.
    let now = SystemClock.now() + minutes(1);
    stage.app.clock.advance(now - stage.app.now());
    let public = stage.app.public_client().await;
    let (signing, key) = signing_client(&stage).await;
    let runner = Runner::of("clients", language).await;
    let running = runner
        .command(script)
        .env("ISSUER", stage.app.issuer())
        .env("REDIRECT_URI", REDIRECT_URI)
        .env("CLIENT_ID", stage.client.id())
        .env("CLIENT_SECRET", stage.client.secret.as_deref().unwrap())
        .env("PUBLIC_CLIENT_ID", public.id())
        .env("SIGNING_CLIENT_ID", signing.id())
        .env("SIGNING_KID", KID)
        .env("SIGNING_KEY", STANDARD.encode(key))
        .env("EMAIL", &stage.person.email)
        .env("PASSWORD", PASSWORD)
        .stdin(Stdio::null())
        .output();
    let done = tokio::time::timeout(PATIENCE, running).await;
    let done = done
        .unwrap_or_else(|_| panic!("{script} never ended"))
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    let complaint = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{script}\n{said}{complaint}");
    assert!(
        stage.app.count("link", "state = 'ended'").await > 0,
        "{said}"
    );
    assert_eq!(
        stage.app.count("link", "state <> 'ended'").await,
        0,
        "{said}"
    );
}
