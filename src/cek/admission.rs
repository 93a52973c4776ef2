//! Whether a request is let in: what signed it, and whom it is meant for. Until then nothing of it is
//! parsed.

use actix_web::http::header::{HeaderMap, HeaderName};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{extension::Known, message::Message};

/// Where CEK puts its signature; names of headers know no case.
const SIGNATURE: HeaderName = HeaderName::from_static("signaturecek");
/// The signature of the longest key, in base64.
const MAX_SIGNATURE: usize = 1368;

/// What a request brings as its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presented {
    /// No such header.
    Nothing,
    /// Something that is none: empty, twice, or not base64.
    Malformed,
    /// What may be one.
    Signature(Vec<u8>),
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmitted {
    /// The client takes signed ones only.
    #[error("the request has no SignatureCEK")]
    Unsigned,
    /// Anybody may have sent it.
    #[error("the SignatureCEK does not fit the request and the platform's key")]
    WrongSignature,
    /// One key signs for all extensions of a platform.
    #[error("the applicationId is not the extension id of this client")]
    OtherExtension,
    /// An event is believed only with everything that can prove it.
    #[error("an event needs a SignatureCEK and the applicationId of this client's extension")]
    UnprovenEvent,
}

impl Presented {
    /// Reads the header, which must come once.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(SIGNATURE);
        let value = match (values.next(), values.next()) {
            (None, _) => return Self::Nothing,
            (Some(value), None) => value.as_bytes(),
            _ => return Self::Malformed,
        };
        if value.is_empty() || value.len() > MAX_SIGNATURE {
            return Self::Malformed;
        }
        // The one alphabet, padded, without spaces: so no two texts are the same signature.
        STANDARD
            .decode(value)
            .map_or(Self::Malformed, Self::Signature)
    }

    /// What is known before the body was read.
    pub fn before_the_body(&self, known: &Known) -> Result<(), NotAdmitted> {
        match self {
            Self::Nothing if known.extension.take_unsigned => Ok(()),
            Self::Nothing => Err(NotAdmitted::Unsigned),
            Self::Signature(_) if !known.keys.is_empty() => Ok(()),
            Self::Signature(_) | Self::Malformed => Err(NotAdmitted::WrongSignature),
        }
    }

    /// Whether the bytes of the body, as they came, may be believed.
    pub fn of_body(&self, body: &[u8], known: &Known) -> Result<(), NotAdmitted> {
        self.before_the_body(known)?;
        let Self::Signature(signature) = self else {
            return Ok(());
        };
        if known.keys.iter().any(|key| key.signed(body, signature)) {
            Ok(())
        } else {
            Err(NotAdmitted::WrongSignature)
        }
    }

    /// Whether a request that may be believed is meant for this extension.
    pub fn for_extension(&self, message: &Message, known: &Known) -> Result<(), NotAdmitted> {
        let ours = known.extension.extension_id.as_deref();
        let named = message.application_id();
        if let Message::Event(_) = message {
            let proven = *self != Self::Nothing && ours.is_some() && named == ours;
            return if proven {
                Ok(())
            } else {
                Err(NotAdmitted::UnprovenEvent)
            };
        }
        match named {
            Some(_) if named != ours => Err(NotAdmitted::OtherExtension),
            _ => Ok(()),
        }
    }

    /// Whether it also proves whom it is meant for: only then is anything learned from it.
    pub fn proves(&self, message: &Message, known: &Known) -> bool {
        let ours = known.extension.extension_id.as_deref();
        *self != Self::Nothing && ours.is_some() && message.application_id() == ours
    }
}
