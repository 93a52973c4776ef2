//! Clients that sign (`private_key_jwt`, RFC 7523): what proves them, and what doesn't.

mod claims;
mod once;
mod signature;
mod ways;

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::harness::{Answer, Signer, Stage, TestApp, Tokens, draft, with_member};

/// A client with a key, and a link whose refresh would succeed but for the client's proof.
struct Signing {
    stage: Stage,
    signer: Signer,
    link: Tokens,
}

impl Signing {
    /// With no limit on wrong tries, of which some tests need many.
    async fn new(db: PgPool) -> Self {
        Self::on(TestApp::spawn_with(db, &[("LINKGATE_RATE_LIMITS", "off")]).await).await
    }

    async fn on(app: TestApp) -> Self {
        let stage = Stage::on(app, draft()).await;
        let link = stage.link().await;
        let signer = Signer::p256("main");
        stage.app.register_keys(&stage.client, &[&signer]).await;
        Self {
            stage,
            signer,
            link,
        }
    }

    fn id(&self) -> &str {
        &self.stage.platform.client_id
    }

    /// What it says of itself, new each time.
    fn claims(&self) -> Value {
        self.stage.app.claims(self.id())
    }

    /// A good assertion.
    fn assertion(&self) -> String {
        self.signer.assertion(&self.claims())
    }

    /// One with a claim of another value, or for `null` without it.
    fn assertion_with(&self, name: &str, value: Value) -> String {
        let claims = with_member(&self.claims(), name, value);
        self.signer.assertion(&claims)
    }

    /// Refreshes with that assertion, and these fields too.
    async fn refresh_with(&self, assertion: &str, more: &[(&str, &str)]) -> Answer {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", self.link.refresh.as_str()),
        ];
        let fields = [&fields, more].concat();
        let platform = &self.stage.platform;
        platform
            .post_signed("/oauth/token", assertion, &fields)
            .await
    }

    async fn refresh(&self, assertion: &str) -> Answer {
        self.refresh_with(assertion, &[]).await
    }

    /// Fails unless the assertion is refused, and so that its maker can tell why.
    #[track_caller]
    fn assert_wrong(answer: &Answer, why: &str) {
        answer.assert_refused(401, "invalid_client");
        let body = answer.json();
        let description = body["error_description"].as_str().unwrap();
        assert!(description.contains(why), "{description}");
    }

    /// Fails unless the assertion is refused in the words for whoever is unknown.
    #[track_caller]
    fn assert_unknown(answer: &Answer) {
        Self::assert_wrong(answer, "the client is unknown or its authentication failed");
    }
}

/// A time that many seconds from the test's now.
fn after(signing: &Signing, seconds: i64) -> Value {
    json!(signing.stage.app.now().timestamp() + seconds)
}
