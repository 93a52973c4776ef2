//! The flags for a client's settings, the same for `create` and `update`.

use std::{
    ffi::{OsStr, OsString},
    fs,
};

use anyhow::Context as _;
use chrono::TimeDelta;

use super::{
    cek_settings::CekFlags,
    chatbot_settings::{ChatbotFlags, GivenSecret},
};
use crate::{
    cli::context::Context,
    client::{ClientSettings, RefusalAnswer, Rotation, TokenAlgorithm, TokenFormat},
    config::parse_duration,
};

/// What may be set about a client. A flag not given leaves what is there.
#[derive(clap::Args, Debug)]
pub struct SettingFlags {
    /// Whether refresh tokens change: `deferred` (a new one each time; the old one dies when the new
    /// one is seen) or `never` (confidential clients only).
    #[arg(long)]
    rotation: Option<Rotation>,
    /// What access tokens look like: `opaque`, or `jwt` (RFC 9068) for APIs that check them
    /// themselves.
    #[arg(long)]
    token_format: Option<TokenFormat>,
    /// What signs JWTs: `es256`, `eddsa`, or `rs256` for old verifiers.
    #[arg(long)]
    token_algorithm: Option<TokenAlgorithm>,
    /// Whom access tokens are for (`aud`), such as <https://api.example.com>; empty means the issuer.
    #[arg(long, value_name = "URI")]
    token_audience: Option<String>,
    /// Whether answers carry `iss` (RFC 9207): on or off.
    #[arg(long, value_name = "on|off", value_parser = switch)]
    send_iss: Option<bool>,
    /// Let the client introspect other clients' tokens; `--introspect-all=off` takes it back.
    #[arg(long, value_name = "on|off", value_parser = switch, num_args = 0..=1,
          require_equals = true, default_missing_value = "on")]
    introspect_all: Option<bool>,
    /// How long a code can be redeemed, such as 120s; 10s to 10m.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    code_lifetime: Option<TimeDelta>,
    /// How long an access token is good, such as 1h; 60s to 1d.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    access_lifetime: Option<TimeDelta>,
    /// How long a link lives without a refresh, such as 400d; 1d to 3650d.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    refresh_idle: Option<TimeDelta>,
    /// Where the chatbot puts the token: `bearer`, `header:NAME`, `json:/POINTER`, `form:NAME` or
    /// `query:NAME`. Repeated: tried in this order. Replaces the whole list.
    #[arg(long, value_name = "PLACE")]
    token_place: Vec<String>,
    /// How an action that can't be answered is refused: by HTTP status, or with a sentence.
    #[arg(long)]
    refusal_answer: Option<RefusalAnswer>,
    /// What is spoken when the person has to link again.
    #[arg(long, value_name = "TEXT")]
    relink_sentence: Option<String>,
    /// What is spoken when the server can't answer at the moment.
    #[arg(long, value_name = "TEXT")]
    busy_sentence: Option<String>,
    /// For the chatbot builder: said to somebody who is not linked yet.
    #[arg(long, value_name = "TEXT")]
    login_guide_message: Option<String>,
    /// For the chatbot builder: said once they are linked.
    #[arg(long, value_name = "TEXT")]
    login_success_message: Option<String>,
    /// The extension's id, such as com.example.bot; empty takes it away.
    #[arg(long, value_name = "ID")]
    extension_id: Option<String>,
    #[command(flatten)]
    cek: CekFlags,
    #[command(flatten)]
    chatbot: ChatbotFlags,
    /// A file with the JWK Set of the client's public keys: it proves itself with assertions signed by
    /// their private halves (`private_key_jwt`) and has no secret; empty takes them away.
    #[arg(long, value_name = "FILE", value_parser = clap::value_parser!(OsString))]
    jwks_file: Option<OsString>,
    /// An own privacy policy of this client, https; empty takes it away.
    #[arg(long, value_name = "URL")]
    privacy_url: Option<String>,
}

impl SettingFlags {
    /// The chatbot's Secret key that was given, which is sealed before it is stored.
    pub async fn chatbot_secret(&self, context: &Context) -> anyhow::Result<GivenSecret> {
        self.chatbot.secret(context).await
    }

    /// Puts what was given in the place of what is there; whether it holds is checked afterwards.
    pub fn apply(self, settings: &mut ClientSettings) -> anyhow::Result<()> {
        replace(&mut settings.rotation, self.rotation);
        replace(&mut settings.token_format, self.token_format);
        replace(&mut settings.token_algorithm, self.token_algorithm);
        replace(
            &mut settings.token_audience,
            self.token_audience.map(unless_empty),
        );
        replace(&mut settings.send_iss, self.send_iss);
        replace(&mut settings.introspect_all, self.introspect_all);
        replace(&mut settings.code_lifetime, self.code_lifetime);
        replace(&mut settings.access_lifetime, self.access_lifetime);
        replace(&mut settings.refresh_idle, self.refresh_idle);
        replace(&mut settings.refusal_answer, self.refusal_answer);
        replace(&mut settings.relink_sentence, self.relink_sentence);
        replace(&mut settings.busy_sentence, self.busy_sentence);
        replace(&mut settings.login_guide_message, self.login_guide_message);
        replace(
            &mut settings.login_success_message,
            self.login_success_message,
        );
        replace(
            &mut settings.extension_id,
            self.extension_id.map(unless_empty),
        );
        replace(
            &mut settings.privacy_url,
            self.privacy_url.map(unless_empty),
        );
        if !self.token_place.is_empty() {
            settings.token_places = self.token_place;
        }
        if let Some(file) = self.jwks_file {
            settings.jwks = content("--jwks-file", &file)?;
        }
        self.chatbot.apply(&mut settings.chatbot);
        self.cek.apply(&mut settings.cek)
    }
}

pub(super) fn replace<T>(place: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *place = given;
    }
}

/// What is in a file; nothing where no file is named.
pub(super) fn content(flag: &str, file: &OsStr) -> anyhow::Result<Option<String>> {
    if file.is_empty() {
        return Ok(None);
    }
    let text = fs::read_to_string(file);
    Ok(Some(
        text.with_context(|| format!("{flag} {}", file.display()))?,
    ))
}

pub(super) fn unless_empty(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("must be `on` or `off`".to_owned()),
    }
}
