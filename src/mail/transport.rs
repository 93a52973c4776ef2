//! Where letters are handed over: a mail server, or a folder while none is set.

use std::{fs, io, path::PathBuf, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{self, PoolConfig},
};
use secrecy::ExposeSecret;

use super::store::DueMail;
use crate::{config::Config, foundation::owned_files};

/// How long sending one may take in all.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a mail server may take for one answer.
const ANSWER: Duration = Duration::from_secs(15);
/// The most connections to the mail server.
const CONNECTIONS: u32 = 4;
/// The most letters that are kept in the folder; the oldest go.
const KEPT: usize = 500;
/// The most characters of a mail server's words.
const LONGEST_REASON: usize = 300;

pub(super) enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

/// Why a letter was not sent; for the admin.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the key that sealed its code is gone")]
    Sealed,
    #[error("it can't be written: {0}")]
    Unwritable(String),
    #[error("mail can't be sent to this address: {0}")]
    Address(String),
    #[error("the mail server refused it: {0}")]
    Refused(String),
    #[error("the mail server could not take it: {0}")]
    NotTaken(String),
    #[error("the mail server did not answer in time")]
    Late,
    #[error("it could not be written into the mail folder: {0}")]
    Folder(#[from] io::Error),
}

impl Failure {
    /// Whether trying again can't help.
    pub(super) fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Sealed | Self::Unwritable(_) | Self::Address(_) | Self::Refused(_)
        )
    }
}

impl Transport {
    pub(super) fn new(config: &Config) -> anyhow::Result<Self> {
        let Some(url) = &config.smtp_url else {
            return Ok(Self::Folder(config.data_dir.join("mail")));
        };
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())?
            .timeout(Some(ANSWER))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS))
            .build();
        Ok(Self::Smtp(transport))
    }

    pub(super) async fn send(&self, mail: &DueMail, message: Message) -> Result<(), Failure> {
        match self {
            Self::Smtp(smtp) => {
                let sent = tokio::time::timeout(PATIENCE, smtp.send(message)).await;
                sent.map_err(|_| Failure::Late)?
                    .map_err(|error| refused(&error))?;
            }
            Self::Folder(folder) => {
                let (at, id) = (mail.made_at.format("%Y%m%dT%H%M%S"), mail.id);
                let (folder, name) = (folder.clone(), format!("{at}-{id}.eml"));
                let put = move || put(&folder, &name, &message.formatted());
                let put = tokio::task::spawn_blocking(put).await;
                put.map_err(io::Error::other)??;
            }
        }
        Ok(())
    }
}

/// A refusal of this letter (RFC 5321 §4.2.2: 550 and what follows) won't change. One of the login, or
/// of the server itself, is for the admin to mend, and passes then.
fn refused(error: &smtp::Error) -> Failure {
    let status = error.status().map(|code| code.to_string());
    let of_this_letter = ["550", "551", "553", "554", "556"];
    let is_final = status.is_some_and(|status| of_this_letter.contains(&status.as_str()));
    let words: String = error.to_string().chars().take(LONGEST_REASON).collect();
    if error.is_timeout() {
        Failure::Late
    } else if is_final {
        Failure::Refused(words)
    } else {
        Failure::NotTaken(words)
    }
}

fn put(folder: &PathBuf, name: &str, letter: &[u8]) -> io::Result<()> {
    use io::Write;
    if let Some(above) = folder.parent() {
        fs::create_dir_all(above)?;
    }
    owned_files::make_dir(folder, 0o700)?;
    let path = folder.join(name);
    // Of a try that got no further.
    owned_files::remove_if_there(&path)?;
    owned_files::create(&path)?.write_all(letter)?;
    let letters = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let mut letters: Vec<_> = letters
        .filter(|path| path.extension().is_some_and(|kind| kind == "eml"))
        .collect();
    // Their names begin with the time they were made.
    letters.sort();
    let old = letters.len().saturating_sub(KEPT);
    letters
        .iter()
        .take(old)
        .try_for_each(|path| owned_files::remove_if_there(path))
}
