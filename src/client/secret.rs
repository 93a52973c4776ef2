//! Giving clients their secrets: each is shown once, and two may work at once while a platform's
//! console is being changed.

pub mod store;
pub mod uses;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::{Client, store as clients};
use crate::foundation::{
    ids::ClientId,
    random::Random,
    secret::{ClientSecretKind, Plain},
};

/// A client secret in the clear, for the one answer that shows it.
pub type ClientSecret = Plain<ClientSecretKind>;

/// Stores a new client with its first secret; one that has keys, or is public, gets none. Run it in a transaction that
/// ends once the secret has been shown.
pub async fn create(
    db: &mut PgConnection,
    client: &Client,
    random: &dyn Random,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<ClientSecret>> {
    clients::insert_client(&mut *db, client).await?;
    Ok(if client.has_secret() {
        Some(rotate(db, &client.id, TimeDelta::zero(), random, now).await?)
    } else {
        None
    })
}

/// Gives a client a new secret; the newest old one works on for `overlap`, all others die now.
/// Run it in a transaction: halfway, the client would have no secret at all.
pub async fn rotate(
    db: &mut PgConnection,
    id: &ClientId,
    overlap: TimeDelta,
    random: &dyn Random,
    now: DateTime<Utc>,
) -> sqlx::Result<ClientSecret> {
    // Two admins at once would otherwise leave two newest secrets.
    clients::lock_client(db, id).await?;
    let secret = ClientSecret::random(random);
    let row = (random.uuid(), &secret.hash());
    store::replace_secret(db, id, row, now + overlap, now).await?;
    Ok(secret)
}
