//! Keys at rest.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use zeroize::Zeroizing;

use super::{
    Key, KeyId, KeyKind, KeysError, SecretKeys, chatbot_secret, provider_secret, signing, totp_seed,
};
use crate::foundation::{
    ids::{ClientId, ProviderId},
    random::Random,
};

const CHECK_TEXT: &[u8] = b"linkgate";
const CHECK_PURPOSE: &[u8] = b"secret-key-check";

fn key_purpose(kind: KeyKind, id: KeyId) -> Vec<u8> {
    format!("key:{}:{id}", kind.as_str()).into_bytes()
}

/// Lets one node at a time make keys; held to the end of the transaction.
pub(super) async fn lock_for_change(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('linkgate.keys'))")
        .execute(db)
        .await?;
    Ok(())
}

/// Tells a wrong secret key before anything is opened with it; the first start leaves the mark.
pub(super) async fn check_secret_key(
    db: &mut PgConnection,
    secret_keys: &SecretKeys,
    random: &dyn Random,
) -> Result<(), KeysError> {
    match mark(&mut *db).await? {
        Some(mark) if opens_mark(secret_keys, &mark) => return Ok(()),
        Some(_) => return Err(KeysError::WrongSecretKey),
        None => {}
    }
    let seal_key = secret_keys.current.seal_key();
    let sealed = seal_key
        .seal(CHECK_TEXT, CHECK_PURPOSE, random)
        .map_err(|_| KeysError::Sealing)?;
    sqlx::query!(
        "insert into secret_key_check (sealed_check) values ($1)",
        sealed
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether a secret key has sealed this database before.
pub async fn is_sealed(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists (select from secret_key_check) as "exists!""#)
        .fetch_one(db)
        .await
}

/// The mark that a secret key left, if one did.
pub(super) async fn mark(db: impl PgExecutor<'_>) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!("select sealed_check from secret_key_check")
        .fetch_optional(db)
        .await
}

/// Whether one of these secret keys left the mark.
pub(super) fn opens_mark(secret_keys: &SecretKeys, mark: &[u8]) -> bool {
    secret_keys.open(mark, CHECK_PURPOSE).is_some()
}

/// Whether the current one of these secret keys left the mark.
pub(super) fn is_current_mark(secret_keys: &SecretKeys, mark: &[u8]) -> bool {
    secret_keys.is_current(mark, CHECK_PURPOSE)
}

/// All keys that anything may be made or verified with, opened.
pub(super) async fn list_keys(
    db: impl PgExecutor<'_>,
    secret_keys: &SecretKeys,
) -> Result<Vec<Key>, KeysError> {
    let rows = sqlx::query!(
        r#"select key_id, kind as "kind: KeyKind", sealed_secret, created_at, usable_from from key
           where compromised_at is null"#
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let purpose = key_purpose(row.kind, row.key_id);
            let damaged = KeysError::Damaged {
                kind: row.kind,
                id: row.key_id,
            };
            let Some(secret) = secret_keys.open(&row.sealed_secret, &purpose) else {
                return Err(damaged);
            };
            Key::new(
                row.key_id,
                row.kind,
                &secret,
                row.created_at,
                row.usable_from,
            )
            .map_err(|_| damaged)
        })
        .collect()
}

/// Seals every key, the secrets that rows keep, and the mark that tells a wrong secret key, with the current
/// secret key.
pub(super) async fn reseal_keys(
    db: &mut PgConnection,
    secret_keys: &SecretKeys,
    random: &dyn Random,
) -> Result<usize, KeysError> {
    let seal_key = secret_keys.current.seal_key();
    let rows = sqlx::query!(r#"select key_id, kind as "kind: KeyKind", sealed_secret from key"#)
        .fetch_all(&mut *db)
        .await?;
    for row in &rows {
        let purpose = key_purpose(row.kind, row.key_id);
        let Some(secret) = secret_keys.open(&row.sealed_secret, &purpose) else {
            let (kind, id) = (row.kind, row.key_id);
            return Err(KeysError::Damaged { kind, id });
        };
        let sealed = seal_key
            .seal(&secret, &purpose, random)
            .map_err(|_| KeysError::Sealing)?;
        sqlx::query!(
            "update key set sealed_secret = $2 where key_id = $1",
            row.key_id,
            sealed
        )
        .execute(&mut *db)
        .await?;
    }
    let chatbots = reseal_chatbot_secrets(&mut *db, secret_keys, random).await?;
    let seeds = reseal_totp_seeds(&mut *db, secret_keys, random).await?;
    let providers = reseal_provider_secrets(&mut *db, secret_keys, random).await?;
    let check = seal_key
        .seal(CHECK_TEXT, CHECK_PURPOSE, random)
        .map_err(|_| KeysError::Sealing)?;
    sqlx::query!("update secret_key_check set sealed_check = $1", check)
        .execute(db)
        .await?;
    Ok(rows.len() + chatbots + seeds + providers)
}

async fn reseal_totp_seeds(
    db: &mut PgConnection,
    secret_keys: &SecretKeys,
    random: &dyn Random,
) -> Result<usize, KeysError> {
    let rows = sqlx::query!("select totp_id, sealed_seed from totp order by totp_id for update")
        .fetch_all(&mut *db)
        .await?;
    let resealed: Result<Vec<_>, _> = rows
        .iter()
        .map(|row| totp_seed::resealed(row.totp_id, &row.sealed_seed, secret_keys, random))
        .collect();
    let ids: Vec<_> = rows.iter().map(|row| row.totp_id).collect();
    sqlx::query!(
        "update totp set sealed_seed = resealed.seed
         from unnest($1::uuid[], $2::bytea[]) as resealed (totp_id, seed)
         where totp.totp_id = resealed.totp_id",
        &ids,
        &resealed?,
    )
    .execute(db)
    .await?;
    Ok(rows.len())
}

async fn reseal_provider_secrets(
    db: &mut PgConnection,
    secret_keys: &SecretKeys,
    random: &dyn Random,
) -> Result<usize, KeysError> {
    let rows = sqlx::query!(
        r#"select provider_id as "provider_id: ProviderId", client_secret from provider
           order by provider_id for no key update"#
    )
    .fetch_all(&mut *db)
    .await?;
    let number = rows.len();
    for row in rows {
        let id = row.provider_id.0.clone();
        let sealed =
            provider_secret::resealed(row.provider_id, &row.client_secret, secret_keys, random)?;
        sqlx::query!(
            "update provider set client_secret = $2 where provider_id = $1",
            id,
            sealed
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(number)
}

async fn reseal_chatbot_secrets(
    db: &mut PgConnection,
    secret_keys: &SecretKeys,
    random: &dyn Random,
) -> Result<usize, KeysError> {
    let rows = sqlx::query!(
        r#"select client_id as "client_id: ClientId", chatbot_secret as "sealed!" from client
           where chatbot_secret is not null order by client_id for no key update"#
    )
    .fetch_all(&mut *db)
    .await?;
    let number = rows.len();
    for row in rows {
        let id = row.client_id.0.clone();
        let sealed = chatbot_secret::resealed(row.client_id, &row.sealed, secret_keys, random)?;
        sqlx::query!(
            "update client set chatbot_secret = $2 where client_id = $1",
            id,
            sealed
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(number)
}

/// A new secret as it is sealed: 32 random bytes, or the PKCS#8 of a key that signs. Made on a thread
/// that may take its time, because RSA does.
async fn new_secret(kind: KeyKind, random: &dyn Random) -> Result<Zeroizing<Vec<u8>>, KeysError> {
    let Some(algorithm) = kind.algorithm() else {
        return Ok(Zeroizing::new(random.bytes::<32>().to_vec()));
    };
    let made = tokio::task::spawn_blocking(move || signing::generate(algorithm)).await;
    made.ok()
        .and_then(Result::ok)
        .ok_or(KeysError::Making(kind))
}

/// Makes a new key and seals it; listening nodes hear of it at commit.
pub(super) async fn insert_key(
    db: &mut PgConnection,
    secret_keys: &SecretKeys,
    random: &dyn Random,
    kind: KeyKind,
    now: DateTime<Utc>,
    usable_from: DateTime<Utc>,
) -> Result<KeyId, KeysError> {
    // The id is part of what the seal covers, so it must be known before.
    let id = sqlx::query_scalar!(
        r#"select nextval(pg_get_serial_sequence('key', 'key_id'))::smallint as "id!""#
    )
    .fetch_one(&mut *db)
    .await?;
    let secret = new_secret(kind, random).await?;
    let mark = mark(&mut *db).await?;
    let by_previous = mark.is_some_and(|mark| !is_current_mark(secret_keys, &mark));
    let seal_key = secret_keys.in_force(by_previous).seal_key();
    let sealed = seal_key.seal(&secret, &key_purpose(kind, id), random);
    sqlx::query!(
        "insert into key (key_id, kind, sealed_secret, created_at, usable_from)
         overriding system value values ($1, $2, $3, $4, $5)",
        id,
        kind as KeyKind,
        sealed.map_err(|_| KeysError::Sealing)?,
        now,
        usable_from,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("select pg_notify('linkgate_keys', '')")
        .execute(db)
        .await?;
    Ok(id)
}
