//! What every client plays: somebody links, the platform refreshes, and revokes.

use std::{process::Stdio, time::Duration};

use sqlx::PgPool;

use crate::{
    harness::{PASSWORD, REDIRECT_URI, Stage},
    libraries::{Language, Runner},
};

/// The longest a client may take, with time to spare on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// Lets a script play a confidential and a public client; it ends each link that it makes.
pub async fn plays(db: PgPool, language: Language, script: &str) {
    let stage = Stage::set(db).await;
    let public = stage.app.public_client().await;
    let runner = Runner::of(language).await;
    let running = runner
        .command(script)
        .env("ISSUER", stage.app.issuer())
        .env("REDIRECT_URI", REDIRECT_URI)
        .env("CLIENT_ID", stage.client.id())
        .env("CLIENT_SECRET", stage.client.secret.as_deref().unwrap())
        .env("PUBLIC_CLIENT_ID", public.id())
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
