//! Where mail is handed over, and whom it is from.

use std::net::IpAddr;

use lettre::{AsyncSmtpTransport, Tokio1Executor, message::Mailbox};
use secrecy::SecretString;
use url::Url;

const EXAMPLE: &str = "such as smtps://linkgate:password@mail.example.com or \
                       smtp://linkgate:password@mail.example.com?tls=required";

/// A mail server's URL. It may carry a password, so no message names the value.
pub(super) fn smtp_url(text: &str) -> Result<SecretString, String> {
    let url: Url = text
        .parse()
        .map_err(|_| format!("is not a URL, {EXAMPLE}"))?;
    let tls = url.query_pairs().find(|(name, _)| name == "tls");
    let tls = tls.map(|(_, value)| value.into_owned());
    let encrypted = match (url.scheme(), tls.as_deref()) {
        ("smtps", _) | ("smtp", Some("required")) => true,
        ("smtp", None | Some("opportunistic")) => false,
        _ => return Err(format!("is not the URL of a mail server, {EXAMPLE}")),
    };
    if !encrypted && !url.host_str().is_some_and(is_this_machine) {
        return Err(format!(
            "would send mail, and the codes in it, unencrypted; use TLS, {EXAMPLE}"
        ));
    }
    let usable = AsyncSmtpTransport::<Tokio1Executor>::from_url(text);
    match usable {
        Ok(_) => Ok(SecretString::from(text)),
        Err(_) => Err(format!("is not the URL of a mail server, {EXAMPLE}")),
    }
}

/// The host of an `smtp` URL is text: `url` knows addresses only in schemes of the web.
fn is_this_machine(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// An address, with or without a name before it.
pub(super) fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is not an address such as `Example <no-reply@example.com>`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_leaves_the_machine_only_encrypted_and_no_message_names_the_password() {
        for fine in [
            "smtps://u:hunter2@mail.example.com",
            "smtps://mail.example.com:4465",
            "smtp://u:hunter2@mail.example.com?tls=required",
            "smtp://127.0.0.1:2525",
            "smtp://[::1]:2525",
            "smtp://localhost?tls=opportunistic",
        ] {
            assert!(smtp_url(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "mail.example.com",
            "smtp://u:hunter2@mail.example.com",
            "smtp://u:hunter2@mail.example.com?tls=opportunistic",
            "https://u:hunter2@mail.example.com",
            "smtp:u:hunter2",
            "smtp://127.0.0.1?tls=hunter2",
        ] {
            let problem = smtp_url(wrong).map(drop).unwrap_err();
            assert!(!problem.contains("hunter2"), "{wrong}: {problem}");
        }
    }

    #[test]
    fn the_sender_may_have_a_name() {
        for fine in ["no-reply@example.com", "한강피자 <no-reply@example.com>"] {
            assert!(mailbox(fine).is_ok(), "{fine}");
        }
        for wrong in ["", "no-reply", "Example <no-reply>"] {
            assert!(mailbox(wrong).is_err(), "{wrong}");
        }
    }
}
