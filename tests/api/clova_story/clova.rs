//! A stand-in for CLOVA's servers (clova.md 2 and 3): the app with its web view, and CEK, which keeps
//! one person's tokens, renews them before it delivers anything, and signs what it sends.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use linkgate::foundation::clock::Clock;
use serde_json::json;

use crate::{
    cek::{assert_silent, spoken},
    harness::{
        Browser, ManualClock, Person, Platform, Registered, TestApp, Tokens,
        cek::{Cek, USER, event, intent, launch},
        tokens,
    },
};

/// CLOVA, as far as one person and one extension meet it.
pub struct Clova {
    platform: Platform,
    cek: Cek,
    clock: Arc<ManualClock>,
    kept: Option<Kept>,
    /// How often it renewed the access token.
    pub renewals: u32,
    /// Whether the answer to the next renewal gets lost.
    pub loses_next_answer: bool,
}

struct Kept {
    tokens: Tokens,
    good_until: DateTime<Utc>,
}

impl Clova {
    pub fn new(app: &TestApp, client: &Registered) -> Self {
        Self {
            platform: app.platform(client),
            cek: Cek::new(&app.url, &client.id()),
            clock: app.clock.clone(),
            kept: None,
            renewals: 0,
            loses_next_answer: false,
        }
    }

    /// The app shows the login URL; the person logs in and approves; CEK redeems the code.
    pub async fn link(&mut self, browser: &Browser, person: &Person) {
        let state = "clova-state-".repeat(25);
        let url = self.platform.url_with(&[("state", &state)]);
        let redirect = browser.approve(person, &url).await;
        assert_eq!(redirect.target, self.platform.redirect_uri);
        assert_eq!(redirect.get("state"), Some(state.as_str()));
        let answer = self.platform.redeem(redirect.code(), &[]).await;
        self.keep(tokens(&answer));
    }

    /// What comes along with whatever is delivered next.
    pub async fn token(&mut self) -> Option<String> {
        let kept = self.kept.as_ref()?;
        if self.clock.now() >= kept.good_until {
            let refresh = kept.tokens.refresh.clone();
            self.renewals += 1;
            if std::mem::take(&mut self.loses_next_answer) {
                self.platform.refresh_with(&refresh, &[]).await;
            }
            let answer = self.platform.refresh_with(&refresh, &[]).await;
            if answer.status != 200 {
                answer.assert_refused(400, "invalid_grant");
                self.kept = None;
                return None;
            }
            self.keep(tokens(&answer));
        }
        self.kept.as_ref().map(|kept| kept.tokens.access.clone())
    }

    pub fn is_linked(&self) -> bool {
        self.kept.is_some()
    }

    /// "Start the extension": what the person hears.
    pub async fn launch(&mut self) -> String {
        let token = self.token().await;
        spoken(&self.cek.send(&launch(token.as_deref())).await)
    }

    /// An utterance that became an intent with a slot.
    pub async fn intent(&mut self, slot: (&str, &str)) -> String {
        let token = self.token().await;
        spoken(&self.cek.send(&intent(token.as_deref(), slot)).await)
    }

    /// Somebody else speaks to the person's device.
    pub async fn launch_by_guest(&mut self) -> String {
        let token = self.token().await;
        let mut message = launch(token.as_deref());
        message["session"]["user"] = json!({ "userId": format!("{USER}-guest") });
        spoken(&self.cek.send(&message).await)
    }

    /// The person disables the extension: CLOVA forgets the tokens, and the store tells.
    pub async fn disable(&mut self, at: DateTime<Utc>) {
        self.kept = None;
        self.tell("SkillDisabled", at).await;
    }

    /// An event of the store.
    pub async fn tell(&self, name: &str, at: DateTime<Utc>) {
        let told = event(name, USER, &at.to_rfc3339());
        assert_silent(&self.cek.send(&told).await);
    }

    fn keep(&mut self, tokens: Tokens) {
        let life = TimeDelta::seconds(tokens.expires_in.try_into().unwrap());
        self.kept = Some(Kept {
            good_until: self.clock.now() + life,
            tokens,
        });
    }
}
