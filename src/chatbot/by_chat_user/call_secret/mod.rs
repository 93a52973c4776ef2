//! The secret in the URL: shown once, when it is made.

pub mod store;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    client::store as clients,
    foundation::{
        ids::ClientId,
        random::Random,
        secret::{CallSecretKind, Plain},
    },
    web::state::PublicUrl,
};

/// A URL with its secret, for the one answer that shows it.
pub struct CallUrl(String);

impl CallUrl {
    /// The text to hand out.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Makes a new one; the one of before is dead. Run it in a transaction that ends once it was shown.
pub async fn make(
    db: &mut PgConnection,
    client: &ClientId,
    public_url: &PublicUrl,
    random: &dyn Random,
    now: DateTime<Utc>,
) -> sqlx::Result<CallUrl> {
    // Two admins at once: one of them is told that the other was faster.
    clients::lock_client(&mut *db, client).await?;
    let secret = Plain::<CallSecretKind>::random(random);
    store::save(db, client, &secret.hash(), now).await?;
    let path = format!("/action/{client}/k/{}", secret.expose());
    Ok(CallUrl(public_url.join(&path)))
}
