//! The flags for how a client's CEK requests are checked and answered.

use std::ffi::OsString;

use super::settings::{content, replace, switch};
use crate::client::cek::{CekAnswer, CekSettings, SpokenLanguage};

/// What may be set about CEK requests. A flag not given leaves what is there.
#[derive(clap::Args, Debug)]
pub struct CekFlags {
    /// A PEM file with the RSA public key that signs CEK's requests; empty takes it away.
    // Left to itself, the parser of paths refuses an empty one.
    #[arg(long = "cek-public-key-file", value_name = "FILE", value_parser = clap::value_parser!(OsString))]
    public_key_file: Option<OsString>,
    /// Fetch the key that the platform publishes, once an hour, unless one was given: on or off.
    #[arg(long = "cek-fetch-key", value_name = "on|off", value_parser = switch, num_args = 0..=1,
          require_equals = true, default_missing_value = "on")]
    fetch_key: Option<bool>,
    /// Take CEK requests without a signature, except events; one with a wrong signature is always
    /// refused.
    #[arg(long = "cek-unsigned", value_name = "on|off", value_parser = switch, num_args = 0..=1,
          require_equals = true, default_missing_value = "on")]
    unsigned: Option<bool>,
    /// What CEK requests are answered with: `speech`, or the `account` as JSON.
    #[arg(long = "cek-answer")]
    answer: Option<CekAnswer>,
    /// In which language the speech is.
    #[arg(long = "cek-language")]
    language: Option<SpokenLanguage>,
    /// What is spoken: a template as of an action; empty says that the account is linked.
    #[arg(long = "cek-speech", value_name = "TEMPLATE")]
    speech: Option<String>,
}

impl CekFlags {
    /// Puts what was given in the place of what is there; whether it holds is checked afterwards.
    pub fn apply(self, settings: &mut CekSettings) -> anyhow::Result<()> {
        replace(&mut settings.fetch_key, self.fetch_key);
        replace(&mut settings.take_unsigned, self.unsigned);
        replace(&mut settings.answer, self.answer);
        replace(&mut settings.language, self.language);
        replace(&mut settings.speech, self.speech);
        if let Some(file) = self.public_key_file {
            settings.public_key = content("--cek-public-key-file", &file)?;
        }
        Ok(())
    }
}
