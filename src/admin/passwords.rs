//! New passwords that an admin sets.

use crate::{
    account::password::{HashError, Hasher},
    web::page_error::PageError,
};

/// The hash of a new password, where one was given; its length was checked before.
pub async fn hash(password: Option<&str>, hasher: &Hasher) -> Result<Option<String>, PageError> {
    let Some(password) = password else {
        return Ok(None);
    };
    let done = hasher.hash(password.into()).await;
    done.map(Some).map_err(|error| match error {
        HashError::Busy(_) => PageError::busy(),
        HashError::Failed(cause) => PageError::Internal(cause),
    })
}
