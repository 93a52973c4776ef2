//! What a form was drawn from, so that it never overwrites a change it did not show.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{foundation::seal, web::page_error::PageError};

/// What a form shows, in one short value: the form carries it, and is saved only while it holds.
pub fn fingerprint(shown: &impl Serialize) -> Result<String, PageError> {
    let shown = serde_json::to_vec(shown).map_err(PageError::internal)?;
    Ok(seal::to_text(&Sha256::digest(shown)))
}
