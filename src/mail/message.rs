//! A written letter as a message (RFC 5322): plain text, and the same as HTML.

use std::time::SystemTime;

use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use url::{Host, Url};

use super::{letter::Written, store::DueMail, transport::Failure};
use crate::web::state::PublicUrl;

/// Whom letters are from.
pub(super) struct From(Option<Mailbox>);

impl From {
    /// The set one, or else an address of the host of the pages.
    pub(super) fn new(set: Option<Mailbox>) -> Self {
        Self(set)
    }

    /// Under the service's name, unless another was set.
    fn mailbox(&self, service: &str, host: &str) -> Result<Mailbox, Failure> {
        let service = || Some(service.to_owned());
        match &self.0 {
            Some(Mailbox { name, email }) => {
                Ok(Mailbox::new(name.clone().or_else(service), email.clone()))
            }
            None => Address::new("no-reply", host)
                .map(|email| Mailbox::new(service(), email))
                .map_err(|error| Failure::Unwritable(format!("from no-reply@{host}: {error}"))),
        }
    }
}

pub(super) fn build(
    mail: &DueMail,
    written: &Written,
    from: &From,
    url: &PublicUrl,
) -> Result<Message, Failure> {
    let unwritable = |error: &dyn std::fmt::Display| Failure::Unwritable(error.to_string());
    let host = host(url);
    let address: Address = mail
        .recipient
        .parse()
        .map_err(|error| Failure::Address(format!("{error}")))?;
    let from = from.mailbox(&written.service, &host)?;
    // The same each time it is tried, so that one that comes twice can be told.
    let id = format!("<{}.{}@{host}>", mail.id, mail.made_at.timestamp_micros());
    // RFC 3834 §5: nobody's absence note answers it.
    let automatic = HeaderName::new_from_ascii("Auto-Submitted".to_owned())
        .map(|name| HeaderValue::new(name, "auto-generated".to_owned()))
        .map_err(|error| unwritable(&error))?;
    Message::builder()
        .from(from)
        .to(Mailbox::new(None, address))
        .date(SystemTime::from(mail.made_at))
        .message_id(Some(id))
        .subject(&written.subject)
        .raw_header(automatic)
        .multipart(MultiPart::alternative_plain_html(
            written.text.clone(),
            written.html.clone(),
        ))
        .map_err(|error| unwritable(&error))
}

/// The host of the pages, as a mail domain.
fn host(url: &PublicUrl) -> String {
    let url = Url::parse(url.issuer()).ok();
    match url.as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name.to_owned(),
        _ => "localhost".to_owned(),
    }
}
