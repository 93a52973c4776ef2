//! How a client's CEK requests are checked and answered (`docs/clova.md`).

use serde::{Deserialize, Serialize};

use super::{
    cek_key::CekKey,
    preset::Preset,
    refused::Refused,
    registration::MAX_SENTENCE,
    speech::{MAX_SPEECH, sentences},
};
use crate::{template::Template, web::i18n::Lang};

/// What an admin can set about requests of CEK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CekSettings {
    /// The PEM of the key that signs them. Without one, the platform's own may be fetched.
    pub public_key: Option<String>,
    /// Whether the platform's published key is fetched and used.
    pub fetch_key: bool,
    /// Whether requests without a signature are taken. One with a wrong signature never is.
    pub take_unsigned: bool,
    /// What is answered.
    pub answer: CekAnswer,
    /// In which language it is spoken.
    pub language: SpokenLanguage,
    /// What is spoken: a template over the account. Empty: a sentence of ours.
    pub speech: String,
}

/// What a CEK request is answered with.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, clap::ValueEnum,
)]
#[sqlx(type_name = "cek_answer", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum CekAnswer {
    /// Speech, as CEK expects it.
    Speech,
    /// The account as JSON, for a server of the operator's that passed the request on.
    Account,
}

/// A language CLOVA speaks.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, clap::ValueEnum,
)]
#[sqlx(type_name = "spoken_language", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum SpokenLanguage {
    /// Korean
    Ko,
    /// English
    En,
    /// Japanese
    Ja,
}

impl SpokenLanguage {
    /// The language of our own sentences in it.
    pub fn lang(self) -> Lang {
        match self {
            Self::Ko => Lang::Ko,
            Self::En => Lang::En,
            Self::Ja => Lang::Ja,
        }
    }
}

impl CekSettings {
    /// What a new client starts with: nothing is taken until there is a key.
    pub fn of_new(preset: &Preset) -> Self {
        Self {
            public_key: None,
            fetch_key: false,
            take_unsigned: false,
            answer: CekAnswer::Speech,
            language: preset.spoken_language,
            speech: String::new(),
        }
    }

    /// Whether all of it holds for a client of that preset.
    pub fn check(&self, preset: Option<&'static Preset>) -> Result<(), Refused> {
        if let Some(pem) = &self.public_key {
            CekKey::read(pem)?;
        }
        if self.fetch_key && preset.is_none_or(|preset| preset.cek_key_url.is_none()) {
            let name = preset.map_or("this preset", |preset| preset.name);
            return Err(Refused::NoPublishedKey(name));
        }
        if self.speech.is_empty() {
            return Ok(());
        }
        let said = Template::parse(&self.speech)?.literal();
        let is_long = |sentence: &str| sentence.chars().count() > MAX_SENTENCE;
        if said.chars().count() > MAX_SPEECH || sentences(&said).any(is_long) {
            return Err(Refused::LongCekSpeech);
        }
        Ok(())
    }
}
