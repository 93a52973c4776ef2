//! New passwords that an admin sets.

use crate::{account::password::Hasher, web::page_error::PageError};

/// The hash of a new password, where one was given; its length was checked before.
pub async fn hash(password: Option<&str>, hasher: &Hasher) -> Result<Option<String>, PageError> {
    let Some(password) = password else {
        return Ok(None);
    };
    Ok(Some(hasher.hash(password.into()).await?))
}
