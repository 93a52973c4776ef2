//! Passwords of commands: read from stdin, so that none stands in a process list or shell history,
//! or drawn at random.

use std::io::Read;

use anyhow::Context as _;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::{
    account::password::{MAX_BYTES, check_new},
    foundation::random::Random,
};

/// Reads a password: stdin's first line.
pub async fn read() -> anyhow::Result<SecretString> {
    tokio::task::spawn_blocking(read_line).await?
}

/// Reads a new password, which must be long enough.
pub async fn read_new() -> anyhow::Result<SecretString> {
    let password = read().await?;
    check_new(password.expose_secret())?;
    Ok(password)
}

/// A password nobody has to think of: 100 random bits in letters that are told apart at a glance.
pub fn random(random: &dyn Random) -> SecretString {
    let mut password = Zeroizing::new(String::with_capacity(23));
    for (place, letter) in random.letters::<20>().chars().enumerate() {
        if place > 0 && place % 5 == 0 {
            password.push('-');
        }
        password.push(letter);
    }
    password.as_str().into()
}

fn read_line() -> anyhow::Result<SecretString> {
    let most = u64::try_from(MAX_BYTES)? + 3;
    let mut bytes = Zeroizing::new(Vec::new());
    std::io::stdin()
        .lock()
        .take(most)
        .read_to_end(&mut bytes)
        .context("reading the password from stdin")?;
    let text = std::str::from_utf8(&bytes).context("the password on stdin is not UTF-8 text")?;
    let line = text.split(['\n', '\r']).next().unwrap_or_default();
    Ok(line.into())
}
