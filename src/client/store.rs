//! Clients at rest.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgConnection, PgExecutor, types::Json};

pub use super::scope_sentence::store::{
    DefinedScope, delete_unused_scope, list_scopes, save_scope,
};
use super::{
    Client, ClientSettings, RefusalAnswer, Rotation, TokenAlgorithm, TokenFormat,
    cek::{CekAnswer, CekSettings, SpokenLanguage},
    chatbot::ChatbotSettings,
};
use crate::{
    foundation::{ids::ClientId, keys::SealedSecret},
    protocol::ScopeSet,
};

#[expect(
    clippy::struct_excessive_bools,
    reason = "a row has the columns it has"
)]
struct Row {
    client_id: String,
    name: String,
    preset: String,
    preset_values: Json<BTreeMap<String, String>>,
    confidential: bool,
    redirect_uris: Vec<String>,
    scopes: Vec<String>,
    rotation: Rotation,
    token_format: TokenFormat,
    token_algorithm: TokenAlgorithm,
    token_audience: Option<String>,
    send_iss: bool,
    introspect_all: bool,
    code_lifetime_seconds: i32,
    access_lifetime_seconds: i32,
    refresh_idle_seconds: i32,
    token_places: Vec<String>,
    refusal_answer: RefusalAnswer,
    relink_sentence: String,
    busy_sentence: String,
    login_guide_message: String,
    login_success_message: String,
    extension_id: Option<String>,
    cek_public_key: Option<String>,
    cek_fetch_key: bool,
    cek_unsigned: bool,
    cek_answer: CekAnswer,
    cek_language: SpokenLanguage,
    cek_speech: String,
    chatbot_domain_code: Option<String>,
    chatbot_invoke_url: Option<String>,
    chatbot_secret: Option<Vec<u8>>,
    privacy_url: Option<String>,
    jwks: Option<String>,
    disabled_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Client {
    fn from(row: Row) -> Self {
        let seconds = |number: i32| TimeDelta::seconds(i64::from(number));
        Self {
            id: ClientId(row.client_id),
            name: row.name,
            preset: row.preset,
            preset_values: row.preset_values.0,
            confidential: row.confidential,
            redirect_uris: row.redirect_uris,
            scopes: ScopeSet::from_names(row.scopes).unwrap_or_default(),
            settings: ClientSettings {
                rotation: row.rotation,
                token_format: row.token_format,
                token_algorithm: row.token_algorithm,
                token_audience: row.token_audience,
                send_iss: row.send_iss,
                introspect_all: row.introspect_all,
                code_lifetime: seconds(row.code_lifetime_seconds),
                access_lifetime: seconds(row.access_lifetime_seconds),
                refresh_idle: seconds(row.refresh_idle_seconds),
                token_places: row.token_places,
                refusal_answer: row.refusal_answer,
                relink_sentence: row.relink_sentence,
                busy_sentence: row.busy_sentence,
                login_guide_message: row.login_guide_message,
                login_success_message: row.login_success_message,
                extension_id: row.extension_id,
                cek: CekSettings {
                    public_key: row.cek_public_key,
                    fetch_key: row.cek_fetch_key,
                    take_unsigned: row.cek_unsigned,
                    answer: row.cek_answer,
                    language: row.cek_language,
                    speech: row.cek_speech,
                },
                chatbot: ChatbotSettings {
                    domain_code: row.chatbot_domain_code,
                    invoke_url: row.chatbot_invoke_url,
                    secret: row.chatbot_secret.map(SealedSecret::stored),
                },
                privacy_url: row.privacy_url,
                jwks: row.jwks,
            },
            disabled_at: row.disabled_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

macro_rules! select_clients {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Row,
            r#"select client_id, name, preset, preset_values as "preset_values: Json<BTreeMap<String, String>>",
                      confidential, redirect_uris, scopes, rotation as "rotation: Rotation",
                      token_format as "token_format: TokenFormat",
                      token_algorithm as "token_algorithm: TokenAlgorithm", token_audience, send_iss, introspect_all,
                      code_lifetime_seconds, access_lifetime_seconds, refresh_idle_seconds, token_places,
                      refusal_answer as "refusal_answer: RefusalAnswer", relink_sentence, busy_sentence,
                      login_guide_message, login_success_message, extension_id, cek_public_key,
                      cek_fetch_key, cek_unsigned, cek_answer as "cek_answer: CekAnswer",
                      cek_language as "cek_language: SpokenLanguage", cek_speech, chatbot_domain_code,
                      chatbot_invoke_url, chatbot_secret, privacy_url, jwks, disabled_at, created_at, updated_at
               from client "# + $rest
            $(, $argument)*
        )
    };
}

/// For each id its client, disabled or not; each known client once.
pub async fn find_clients(db: impl PgExecutor<'_>, ids: &[ClientId]) -> sqlx::Result<Vec<Client>> {
    let ids: Vec<_> = ids.iter().map(|id| id.0.clone()).collect();
    let rows = select_clients!("where client_id = any($1)", &ids)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(Client::from).collect())
}

/// The client of that id, disabled or not.
pub async fn find_client(db: impl PgExecutor<'_>, id: &ClientId) -> sqlx::Result<Option<Client>> {
    let row = select_clients!("where client_id = $1", id.as_str())
        .fetch_optional(db)
        .await?;
    Ok(row.map(Client::from))
}

/// All clients, the newest first.
pub async fn list_clients(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Client>> {
    let rows = select_clients!("order by created_at desc, client_id")
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(Client::from).collect())
}

/// Stores a new client, whole.
pub async fn insert_client(db: impl PgExecutor<'_>, client: &Client) -> sqlx::Result<()> {
    let settings = &client.settings;
    sqlx::query!(
        "insert into client (client_id, name, preset, preset_values, confidential, redirect_uris, scopes,
             rotation, token_format, send_iss, introspect_all, code_lifetime_seconds,
             access_lifetime_seconds, refresh_idle_seconds, token_places, refusal_answer,
             relink_sentence, busy_sentence, login_guide_message, login_success_message, extension_id,
             cek_public_key, privacy_url, disabled_at, created_at, updated_at, token_algorithm, token_audience,
             cek_fetch_key, cek_unsigned, cek_answer, cek_language, cek_speech, jwks, chatbot_domain_code,
             chatbot_invoke_url, chatbot_secret)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
             $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35,
             $36, $37)",
        client.id.as_str(),
        client.name,
        client.preset,
        Json(&client.preset_values) as _,
        client.confidential,
        &client.redirect_uris,
        &client.scopes.to_names(),
        settings.rotation as Rotation,
        settings.token_format as TokenFormat,
        settings.send_iss,
        settings.introspect_all,
        seconds(settings.code_lifetime),
        seconds(settings.access_lifetime),
        seconds(settings.refresh_idle),
        &settings.token_places,
        settings.refusal_answer as RefusalAnswer,
        settings.relink_sentence,
        settings.busy_sentence,
        settings.login_guide_message,
        settings.login_success_message,
        settings.extension_id,
        settings.cek.public_key,
        settings.privacy_url,
        client.disabled_at,
        client.created_at,
        client.updated_at,
        settings.token_algorithm as TokenAlgorithm,
        settings.token_audience,
        settings.cek.fetch_key,
        settings.cek.take_unsigned,
        settings.cek.answer as CekAnswer,
        settings.cek.language as SpokenLanguage,
        settings.cek.speech,
        settings.jwks,
        settings.chatbot.domain_code,
        settings.chatbot.invoke_url,
        sealed(settings),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether a client could not be stored because there is one of that id.
pub fn is_id_taken(error: &sqlx::Error) -> bool {
    let constraint = error
        .as_database_error()
        .and_then(|error| error.constraint());
    constraint == Some("client_pkey")
}

/// Stores a changed client, whole: all but its id, preset and kind, which stay. One with keys has no
/// secret: those it had are gone for good, and don't come back when the keys go. Have it locked since
/// it was read. Whether there was one.
pub async fn update_client(db: impl PgExecutor<'_>, client: &Client) -> sqlx::Result<bool> {
    let settings = &client.settings;
    let done = sqlx::query!(
        "with without_secrets as (delete from client_secret where client_id = $1 and $31::text is not null)
         update client set name = $2, preset_values = $3, redirect_uris = $4, scopes = $5, rotation = $6,
             token_format = $7, send_iss = $8, introspect_all = $9, code_lifetime_seconds = $10,
             access_lifetime_seconds = $11, refresh_idle_seconds = $12, token_places = $13,
             refusal_answer = $14, relink_sentence = $15, busy_sentence = $16,
             login_guide_message = $17, login_success_message = $18, extension_id = $19,
             cek_public_key = $20, privacy_url = $21, disabled_at = $22, updated_at = $23,
             token_algorithm = $24, token_audience = $25, cek_fetch_key = $26, cek_unsigned = $27,
             cek_answer = $28, cek_language = $29, cek_speech = $30, jwks = $31,
             chatbot_domain_code = $32, chatbot_invoke_url = $33, chatbot_secret = $34
         where client_id = $1",
        client.id.as_str(),
        client.name,
        Json(&client.preset_values) as _,
        &client.redirect_uris,
        &client.scopes.to_names(),
        settings.rotation as Rotation,
        settings.token_format as TokenFormat,
        settings.send_iss,
        settings.introspect_all,
        seconds(settings.code_lifetime),
        seconds(settings.access_lifetime),
        seconds(settings.refresh_idle),
        &settings.token_places,
        settings.refusal_answer as RefusalAnswer,
        settings.relink_sentence,
        settings.busy_sentence,
        settings.login_guide_message,
        settings.login_success_message,
        settings.extension_id,
        settings.cek.public_key,
        settings.privacy_url,
        client.disabled_at,
        client.updated_at,
        settings.token_algorithm as TokenAlgorithm,
        settings.token_audience,
        settings.cek.fetch_key,
        settings.cek.take_unsigned,
        settings.cek.answer as CekAnswer,
        settings.cek.language as SpokenLanguage,
        settings.cek.speech,
        settings.jwks,
        settings.chatbot.domain_code,
        settings.chatbot.invoke_url,
        sealed(settings),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

fn sealed(settings: &ClientSettings) -> Option<&[u8]> {
    settings.chatbot.secret.as_ref().map(SealedSecret::as_bytes)
}

fn seconds(span: TimeDelta) -> i32 {
    i32::try_from(span.num_seconds()).unwrap_or(i32::MAX)
}

/// The client of that id, which nobody else changes until the transaction ends.
pub async fn lock_client(db: &mut PgConnection, id: &ClientId) -> sqlx::Result<Option<Client>> {
    let row = select_clients!("where client_id = $1 for no key update", id.as_str())
        .fetch_optional(db)
        .await?;
    Ok(row.map(Client::from))
}

/// Deletes a client with its links, secrets and actions. Whether there was one.
pub async fn delete_client(db: impl PgExecutor<'_>, id: &ClientId) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from client where client_id = $1", id.as_str())
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}
