//! Who passkeys are made for: the host of the public URL. Browsers make none for an IP address.

use std::time::Duration;

use webauthn_rs::{Webauthn, WebauthnBuilder, prelude::WebauthnError};

use super::state::PublicUrl;

/// How long a browser waits for the person's finger.
const PATIENCE: Duration = Duration::from_mins(5);

/// The relying party of Web Authentication; none where the public URL names no host that may be one.
pub fn of(url: &PublicUrl) -> Result<Option<Webauthn>, WebauthnError> {
    let Some((host, origin)) = url.named() else {
        return Ok(None);
    };
    let builder = WebauthnBuilder::new(&host, &origin)?;
    builder.rp_name(&host).timeout(PATIENCE).build().map(Some)
}
