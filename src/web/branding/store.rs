//! The service at rest: one row. And what clients have of their own.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};

use super::{Branding, client::ClientBranding, colour::Colour, logo::Logo, look::ClientLook};
use crate::foundation::ids::ClientId;

/// Reads the service.
pub async fn find_branding(db: impl PgExecutor<'_>) -> sqlx::Result<Branding> {
    sqlx::query_as!(
        Branding,
        "select name, privacy_url, privacy_text, link_mails, updated_at, privacy_changed_at from service"
    )
    .fetch_one(db)
    .await
}

/// Reads the service, which nobody else changes until the transaction ends.
pub async fn lock_branding(db: impl PgExecutor<'_>) -> sqlx::Result<Branding> {
    sqlx::query_as!(
        Branding,
        "select name, privacy_url, privacy_text, link_mails, updated_at, privacy_changed_at from service for update"
    )
    .fetch_one(db)
    .await
}

/// Stores a changed service. Have it locked since it was read.
pub async fn update_branding(
    db: impl PgExecutor<'_>,
    branding: &Branding,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update service set name = $1, privacy_url = $2, privacy_text = $3, link_mails = $5, updated_at = $4,
             privacy_changed_at = case when privacy_url is distinct from $2 or privacy_text <> $3
                 then $4 else privacy_changed_at end",
        branding.name,
        branding.privacy_url,
        branding.privacy_text,
        now,
        branding.link_mails,
    )
    .execute(db)
    .await?;
    Ok(())
}

struct Row {
    name: Option<String>,
    logo_id: Option<String>,
    accent: Option<String>,
    accent_dark: Option<String>,
    terms_url: Option<String>,
    contact: Option<String>,
}

impl From<Row> for ClientBranding {
    fn from(row: Row) -> Self {
        let colour = |text: Option<String>| text.and_then(|text| text.parse().ok());
        Self {
            name: row.name,
            logo: row.logo_id,
            accent: colour(row.accent),
            accent_dark: colour(row.accent_dark),
            terms_url: row.terms_url,
            contact: row.contact,
        }
    }
}

/// What a client has of its own; a client that is not there has nothing.
pub async fn find_client_branding(
    db: impl PgExecutor<'_>,
    client: &ClientId,
) -> sqlx::Result<ClientBranding> {
    let row = sqlx::query_as!(
        Row,
        "select name, logo_id, accent, accent_dark, terms_url, contact
         from client_branding where client_id = $1",
        client.as_str(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(ClientBranding::from).unwrap_or_default())
}

/// The looks of all clients that have one.
pub async fn list_looks(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<(ClientId, ClientLook)>> {
    let rows = sqlx::query!(
        r#"select c.client_id as "client_id!", c.privacy_url, b.name as "name?", b.logo_id as "logo_id?",
                  b.accent as "accent?", b.accent_dark as "accent_dark?",
                  b.terms_url as "terms_url?", b.contact as "contact?"
           from client c left join client_branding b using (client_id)
           where b.client_id is not null or c.privacy_url is not null"#
    )
    .fetch_all(db)
    .await?;
    let looks = rows.into_iter().map(|row| {
        let branding = Row {
            name: row.name,
            logo_id: row.logo_id,
            accent: row.accent,
            accent_dark: row.accent_dark,
            terms_url: row.terms_url,
            contact: row.contact,
        };
        let look = ClientLook::new(branding.into(), row.privacy_url);
        (ClientId(row.client_id), look)
    });
    Ok(looks.collect())
}

/// Stores what a client has of its own, whole. `drawn` is its logo, if that is a new one; otherwise the
/// one that is there stays or goes, as the branding names it. Have the client locked since it was read.
pub async fn save_client_branding(
    db: &mut PgConnection,
    client: &ClientId,
    branding: &ClientBranding,
    drawn: Option<&Logo>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let statement = if *branding == ClientBranding::default() {
        sqlx::query!(
            "delete from client_branding where client_id = $1",
            client.as_str(),
        )
    } else {
        let text = |colour: Option<Colour>| colour.map(|colour| colour.to_string());
        sqlx::query!(
            "insert into client_branding
                 (client_id, name, logo, logo_id, accent, accent_dark, terms_url, contact, updated_at)
             values ($1, $2,
                 coalesce($3, (select logo from client_branding where client_id = $1 and logo_id = $4)),
                 $4, $5, $6, $7, $8, $9)
             on conflict (client_id) do update set name = $2, logo = excluded.logo, logo_id = $4,
                 accent = $5, accent_dark = $6, terms_url = $7, contact = $8, updated_at = $9",
            client.as_str(),
            branding.name,
            drawn.map(|logo| logo.png.as_slice()),
            branding.logo,
            text(branding.accent),
            text(branding.accent_dark),
            branding.terms_url,
            branding.contact,
            now,
        )
    };
    statement.execute(db).await?;
    Ok(())
}

/// The logo of that id.
pub async fn find_logo(db: impl PgExecutor<'_>, id: &str) -> sqlx::Result<Option<Vec<u8>>> {
    let found = sqlx::query_scalar!(
        r#"select logo as "logo!" from client_branding where logo_id = $1 limit 1"#,
        id,
    );
    found.fetch_optional(db).await
}
