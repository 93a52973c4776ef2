//! CEK's part: it calls the extension with signed requests, as CLOVA's documents print them.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use reqwest::{Response, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use url::Url;

use super::{Steps, browser::unreachable, play::first_line, signing_key::SigningKey};
use crate::{
    cek::answer::sentence,
    client::{Client, cek::CekAnswer, speech::fitted},
    foundation::random::Random,
};

/// Somebody nobody else is: what is learned of them concerns this run alone.
const USER: &str = "simulated";
/// A server looks at most once a second whether a key has come.
const UNTIL_THE_KEY_IS_KNOWN: Duration = Duration::from_millis(1100);

/// CEK's servers, as far as one client's extension meets them.
pub(super) struct Cek<'a> {
    client: &'a Client,
    base_url: &'a Url,
    http: &'a reqwest::Client,
    key: &'a SigningKey,
    user_id: String,
}

impl<'a> Cek<'a> {
    pub(super) fn new(
        client: &'a Client,
        base_url: &'a Url,
        http: &'a reqwest::Client,
        key: &'a SigningKey,
        random: &dyn Random,
    ) -> Self {
        Self {
            client,
            base_url,
            http,
            key,
            user_id: format!("{USER}-{}", random.uuid()),
        }
    }

    /// A short conversation, and a request that somebody changed on its way.
    pub(super) async fn converse(&self, token: &str, steps: &mut Steps<'_>) -> Option<()> {
        let launch = self.turn(token, &json!({ "type": "LaunchRequest" }));
        let ask = json!({ "name": "Ask", "slots": null });
        let ask = self.turn(token, &json!({ "type": "IntentRequest", "intent": ask }));
        steps.step("cek:launch", self.hear(&launch)).await?;
        steps.step("cek:intent", self.hear(&ask)).await?;
        steps.step("cek:altered", self.alter(&launch)).await
    }

    /// Whether the store's events are taken: only for the extension they name.
    pub(super) fn takes_events(&self) -> bool {
        self.client.settings.extension_id.is_some()
    }

    /// The person speaks through that link, and then disables the extension in the store.
    pub(super) async fn disable(&self, token: &str, now: DateTime<Utc>) -> anyhow::Result<()> {
        self.hear(&self.turn(token, &json!({ "type": "LaunchRequest" })))
            .await?;
        // Later than the link, also where that was made in this second or by a clock a little ahead.
        let timestamp = now + TimeDelta::seconds(2);
        let event = json!({ "namespace": "ClovaSkill", "name": "SkillDisabled", "payload": null });
        let request = json!({
            "type": "EventRequest",
            "requestId": self.user_id,
            "timestamp": timestamp.to_rfc3339_opts(SecondsFormat::Secs, true),
            "event": event,
        });
        let user = json!({ "userId": self.user_id });
        let body = self.message(&json!(null), &user, &request).to_string();
        self.accepted(&body).await.map(drop)
    }

    /// A turn of the device's owner.
    fn turn(&self, token: &str, request: &Value) -> String {
        let user = json!({ "userId": self.user_id, "accessToken": token });
        let session = json!({
            "new": true,
            "sessionAttributes": {},
            "sessionId": self.user_id,
            "user": user,
        });
        self.message(&session, &user, request).to_string()
    }

    fn message(&self, session: &Value, user: &Value, request: &Value) -> Value {
        // Without the setting, only a request that names no extension is taken.
        let id = self.client.settings.extension_id.as_ref();
        let application = id.map(|id| json!({ "applicationId": id }));
        let system = json!({
            "application": application,
            "user": user,
            "device": { "deviceId": USER, "display": { "size": "none" } },
        });
        json!({
            "version": "1.0",
            "session": session,
            "context": { "System": system },
            "request": request,
        })
    }

    /// What the person hears.
    async fn hear(&self, body: &str) -> anyhow::Result<((), String)> {
        let answer: Value = serde_json::from_str(&self.accepted(body).await?)
            .context("the answer to CEK is no JSON")?;
        let said = match self.client.settings.cek.answer {
            CekAnswer::Speech => self.speech_in(&answer)?,
            CekAnswer::Account => {
                let at = |pointer| answer.pointer(pointer).and_then(Value::as_str);
                ensure!(
                    at("/link/client_id") == Some(self.client.id.as_str()),
                    "the answer is about no link of this client"
                );
                at("/account/id").context("the answer has no account")?
            }
        };
        Ok(((), format!("“{}” (signed)", first_line(said))))
    }

    fn speech_in<'b>(&self, answer: &'b Value) -> anyhow::Result<&'b str> {
        let said = answer.pointer("/response/outputSpeech/values/value");
        let said = said.and_then(Value::as_str);
        let said = said.context("the answer to CEK has no speech")?;
        let settings = &self.client.settings;
        for (own, key) in [
            (&settings.relink_sentence, "cek-relink"),
            (&settings.busy_sentence, "cek-busy"),
        ] {
            let refusal = fitted(&sentence(settings.cek.language, own, key));
            ensure!(said != refusal, "refused with the sentence “{said}”");
        }
        Ok(said)
    }

    /// Sends a request with one byte changed, and the signature of what it was.
    async fn alter(&self, body: &str) -> anyhow::Result<((), String)> {
        let signature = self.key.sign(body.as_bytes())?;
        let changed = body.replacen(USER, "simulateb", 1);
        let status = self.send(&changed, &signature).await?.status();
        ensure!(
            status == StatusCode::FORBIDDEN,
            "one byte was changed, and the request was answered with {status}"
        );
        let detail = "one byte changed: refused with 403";
        Ok(((), detail.to_owned()))
    }

    /// Sends a request that must be taken; gives the answer's body.
    async fn accepted(&self, body: &str) -> anyhow::Result<String> {
        let signature = self.key.sign(body.as_bytes())?;
        let mut response = self.send(body, &signature).await?;
        if response.status() == StatusCode::FORBIDDEN {
            tokio::time::sleep(UNTIL_THE_KEY_IS_KNOWN).await;
            response = self.send(body, &signature).await?;
        }
        let status = response.status();
        let text = response.text().await?;
        if !status.is_success() {
            bail!(
                "the signed request was answered with {status}: {}",
                first_line(&text)
            );
        }
        Ok(text)
    }

    async fn send(&self, body: &str, signature: &str) -> anyhow::Result<Response> {
        let address = self.base_url.join(&format!("/cek/{}", self.client.id))?;
        // The misspelt parameter is CLOVA's own.
        let request = self
            .http
            .post(address)
            .header(CONTENT_TYPE, "application/json;charset-UTF-8")
            .header("SignatureCEK", signature)
            .body(body.to_owned());
        request.send().await.map_err(unreachable)
    }
}
