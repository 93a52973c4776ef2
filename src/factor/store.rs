//! Second factors at rest. What counts once is one conditional statement on one row.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::{Factors, Owner, ticket::Ticket};
use crate::foundation::keys::SealedSecret;

/// What an owner has.
pub async fn find_factors(db: impl PgExecutor<'_>, owner: Owner) -> sqlx::Result<Factors> {
    sqlx::query_as!(
        Factors,
        r#"select (select created_at from totp where owner_id = $1) as app_since,
                  (select count(*) from passkey where owner_id = $1) as "passkeys!",
                  (select count(*) from recovery_code where owner_id = $1) as "recovery_codes!""#,
        owner.id(),
    )
    .fetch_one(db)
    .await
}

/// Whether an owner is asked for a second factor.
pub async fn has_any(db: impl PgExecutor<'_>, owner: Owner) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from totp where owner_id = $1)
               or exists (select from passkey where owner_id = $1) as "any!""#,
        owner.id(),
    )
    .fetch_one(db)
    .await
}

/// The owner's app: its id, and its seed as it is sealed for that id.
pub async fn find_totp(
    db: impl PgExecutor<'_>,
    owner: Owner,
) -> sqlx::Result<Option<(Uuid, SealedSecret)>> {
    let row = sqlx::query!(
        "select totp_id, sealed_seed from totp where owner_id = $1",
        owner.id()
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.totp_id, SealedSecret::stored(row.sealed_seed))))
}

/// Stores an app; the step of the code that proved it is used.
pub(super) async fn insert_totp(
    db: impl PgExecutor<'_>,
    (owner, id): (Owner, Uuid),
    sealed: &SealedSecret,
    step: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into totp (totp_id, account_id, admin_id, sealed_seed, last_step, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        id,
        owner.account(),
        owner.admin(),
        sealed.as_bytes(),
        step,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Uses a step of an app. Whether it was not used yet, nor one after it: of any number of tries on any
/// number of nodes one wins.
pub(super) async fn use_step(db: impl PgExecutor<'_>, id: Uuid, step: i64) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update totp set last_step = $2 where totp_id = $1 and last_step < $2",
        id,
        step
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes the owner's app, and the recovery codes where nothing is left that they stand in for. Whether
/// there was one.
pub async fn delete_totp(db: &mut PgConnection, owner: Owner) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from totp where owner_id = $1", owner.id())
        .execute(&mut *db)
        .await?;
    delete_idle_recovery_codes(db, owner).await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn delete_idle_recovery_codes(
    db: &mut PgConnection,
    owner: Owner,
) -> sqlx::Result<()> {
    if !has_any(&mut *db, owner).await? {
        sqlx::query!("delete from recovery_code where owner_id = $1", owner.id())
            .execute(db)
            .await?;
    }
    Ok(())
}

/// Removes everything that an owner has. Whether there was anything.
pub async fn delete_all(db: &mut PgConnection, owner: Owner) -> sqlx::Result<bool> {
    let had_any = has_any(&mut *db, owner).await?;
    sqlx::query!("delete from totp where owner_id = $1", owner.id())
        .execute(&mut *db)
        .await?;
    sqlx::query!("delete from passkey where owner_id = $1", owner.id())
        .execute(&mut *db)
        .await?;
    sqlx::query!("delete from recovery_code where owner_id = $1", owner.id())
        .execute(db)
        .await?;
    Ok(had_any)
}

/// Puts these recovery codes in the place of all others.
pub async fn replace_recovery_codes(
    db: &mut PgConnection,
    owner: Owner,
    hashes: &[Vec<u8>],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!("delete from recovery_code where owner_id = $1", owner.id())
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "insert into recovery_code (code_hash, account_id, admin_id, created_at)
         select code_hash, $2, $3, $4 from unnest($1::bytea[]) as codes (code_hash)
         on conflict do nothing",
        hashes,
        owner.account(),
        owner.admin(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether these are the owner's recovery codes, or what is left of them.
pub(super) async fn has_recovery_code_of(
    db: impl PgExecutor<'_>,
    owner: Owner,
    hashes: &[Vec<u8>],
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from recovery_code where owner_id = $1 and code_hash = any($2)) as "has!""#,
        owner.id(),
        hashes,
    )
    .fetch_one(db)
    .await
}

/// Uses a recovery code up. Whether the owner had it.
pub(super) async fn use_recovery_code(
    db: impl PgExecutor<'_>,
    owner: Owner,
    hash: &[u8; 32],
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from recovery_code where owner_id = $1 and code_hash = $2",
        owner.id(),
        hash.as_slice(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores a new ticket.
pub(super) async fn insert_ticket(
    db: impl PgExecutor<'_>,
    ticket: &Ticket,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into factor_ticket (ticket_id, account_id, admin_id, expires_at) values ($1, $2, $3, $4)",
        ticket.id,
        ticket.owner.account(),
        ticket.owner.admin(),
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Counts a try; gives how many there were with it, and `None` where the ticket takes no more.
pub(super) async fn count_try(
    db: impl PgExecutor<'_>,
    ticket: &Ticket,
    most: i32,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "update factor_ticket set tries = tries + 1
         where ticket_id = $1 and coalesce(account_id, admin_id) = $2 and expires_at > $3 and tries < $4
         returning tries",
        ticket.id,
        ticket.owner.id(),
        now,
        most,
    )
    .fetch_optional(db)
    .await
}

/// Uses a ticket up. Whether nobody else did.
pub(super) async fn use_up_ticket(db: impl PgExecutor<'_>, ticket: &Ticket) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from factor_ticket where ticket_id = $1", ticket.id)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes tickets whose time is over, a thousand at most.
pub async fn delete_old_tickets(
    db: impl PgExecutor<'_> + Copy,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from factor_ticket where ticket_id in (
             select ticket_id from factor_ticket where expires_at < $1 limit 1000 for update skip locked)",
        now,
    )
    .execute(db)
    .await?;
    let challenges = sqlx::query!(
        "delete from answered_challenge where challenge_id in (
             select challenge_id from answered_challenge where expires_at < $1 limit 1000 for update skip locked)",
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected().max(challenges.rows_affected()))
}
