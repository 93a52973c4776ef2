//! Passwords of commands: read from stdin, so that none stands in a process list or shell history,
//! or drawn at random.

use std::io::{BufRead, IsTerminal, Read};

use anyhow::Context as _;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::{
    account::password::{MAX_BYTES, check_new},
    foundation::random::Random,
};

/// The most bytes read of a line: more than any password has, and the line's end.
const MAX_LINE: usize = MAX_BYTES + 3;

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
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprint!("The password, shown as you type it, and Enter: ");
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_LINE));
    stdin
        .lock()
        .take(u64::try_from(MAX_LINE)?)
        .read_until(b'\n', &mut bytes)
        .context("reading the password from stdin")?;
    Ok(text_of(&bytes)?.into())
}

/// The line as text; of one that is too long, what was read, which is too long as well.
fn text_of(line: &[u8]) -> anyhow::Result<&str> {
    let text = match std::str::from_utf8(line) {
        Err(cut) if line.len() == MAX_LINE && cut.error_len().is_none() => {
            std::str::from_utf8(line.get(..cut.valid_up_to()).unwrap_or_default())
        }
        text => text,
    };
    let text = text.context("the password on stdin is not UTF-8 text")?;
    Ok(text.trim_end_matches(['\n', '\r']))
}
