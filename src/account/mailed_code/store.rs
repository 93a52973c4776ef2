//! Mailed codes at rest. Each change of one is one statement on one row.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::{Asking, Ticket};
use crate::{
    foundation::{ids::AccountId, keys::KeyId},
    web::browser::BrowserMark,
};

/// Lets one request for codes of a subject in at a time, until the transaction ends: else many at once
/// would all be the first.
pub(super) async fn lock(db: impl PgExecutor<'_>, subject: &[u8]) -> sqlx::Result<()> {
    let name = subject.first_chunk().copied().unwrap_or_default();
    let name = i64::from_be_bytes(name);
    sqlx::query!("select pg_advisory_xact_lock($1)", name)
        .execute(db)
        .await?;
    Ok(())
}

/// What was asked for lately.
#[derive(Debug)]
pub(super) struct Counted {
    /// For this subject.
    pub(super) of_subject: i64,
    /// Of those, to replace a password.
    pub(super) recoveries: i64,
    /// From this network.
    pub(super) of_network: i64,
    /// The oldest of these.
    pub(super) network_since: Option<DateTime<Utc>>,
    /// By the account that is to have the address.
    pub(super) of_asker: i64,
    /// The oldest of these.
    pub(super) asker_since: Option<DateTime<Utc>>,
    /// By this very browser for the same, a moment ago, and still good.
    pub(super) just_asked: Option<Uuid>,
}

/// Counts what was asked for since then, and finds what was asked a moment ago.
pub(super) async fn count_asked(
    db: impl PgExecutor<'_>,
    asking: &Asking<'_>,
    (subject, network): (&[u8; 32], &[u8; 32]),
    (since, moment_ago): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> sqlx::Result<Counted> {
    sqlx::query_as!(
        Counted,
        r#"select s.codes as "of_subject!", s.recoveries as "recoveries!",
                  n.codes as "of_network!", n.since as network_since,
                  a.codes as "of_asker!", a.since as asker_since,
                  (select mailed_code_id from mailed_code
                   where browser = $4 and purpose = $5 and subject = $1 and asked_at > $6 and expires_at > $7
                     and typed_at is null and ($8::uuid is null or account_id = $8) order by asked_at desc limit 1) as just_asked
           from (select count(*) as codes, count(*) filter (where purpose = 'recovery') as recoveries
                 from mailed_code where subject = $1 and asked_at > $3) s
           cross join (select count(*) as codes, min(asked_at) as since
                       from mailed_code where network = $2 and asked_at > $3) n
           cross join (select count(*) as codes, min(asked_at) as since
                       from mailed_code where account_id = $8 and purpose = $5 and asked_at > $3) a"#,
        subject.as_slice(),
        network.as_slice(),
        since,
        asking.browser.0.as_slice(),
        asking.purpose.as_str(),
        moment_ago,
        now,
        asking.account.map(|id| id.0),
    )
    .fetch_one(db)
    .await
}

/// What there is of an address.
#[derive(Debug)]
pub(super) struct Standing {
    /// Its account.
    pub(super) account_id: Option<AccountId>,
    /// Whether that is disabled.
    pub(super) disabled: bool,
    /// Whether it is invited.
    pub(super) invited: bool,
}

/// Looks both up, whichever is asked about.
pub(super) async fn find_standing(
    db: impl PgExecutor<'_>,
    email_key: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Standing> {
    sqlx::query_as!(
        Standing,
        r#"select a.account_id as "account_id?: AccountId", a.disabled_at is not null as "disabled!",
                  exists (select from invitation
                          where email_key = $1 and expires_at > $2 and used_at is null) as "invited!"
           from (values (1)) one left join account a on a.email_key = $1"#,
        email_key,
        now,
    )
    .fetch_one(db)
    .await
}

/// A code to be mailed, or one that nobody will know.
pub(super) struct NewCode<'a> {
    /// Names it.
    pub(super) id: Uuid,
    /// Whom its limits count for.
    pub(super) subject: &'a [u8; 32],
    /// Where it was asked for.
    pub(super) network: &'a [u8; 32],
    /// The account it is for.
    pub(super) account_id: Option<AccountId>,
    /// The key of the MAC.
    pub(super) key_id: KeyId,
    /// Of the code.
    pub(super) code_mac: &'a [u8; 32],
    /// Now.
    pub(super) asked_at: DateTime<Utc>,
    /// Until when it can be typed.
    pub(super) expires_at: DateTime<Utc>,
}

/// Stores a code. Of one purpose a browser has one that is good, so those before it end.
pub(super) async fn insert_code(
    db: &mut PgConnection,
    asking: &Asking<'_>,
    new: &NewCode<'_>,
) -> sqlx::Result<()> {
    let (browser, purpose) = (asking.browser.0.as_slice(), asking.purpose.as_str());
    sqlx::query!(
        "update mailed_code set expires_at = $3 where browser = $1 and purpose = $2 and expires_at > $3",
        browser,
        purpose,
        new.asked_at,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into mailed_code (mailed_code_id, purpose, browser, subject, network, account_id, key_id, code_mac,
             asked_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new.id,
        purpose,
        browser,
        new.subject.as_slice(),
        new.network.as_slice(),
        new.account_id.map(|id| id.0),
        new.key_id,
        new.code_mac.as_slice(),
        new.asked_at,
        new.expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A code that is guessed at.
#[derive(Debug)]
pub(super) struct Guess {
    /// The key of the MAC.
    pub(super) key_id: KeyId,
    /// Of the right code.
    pub(super) code_mac: Vec<u8>,
    /// How many guesses there were, with this one.
    pub(super) tries: i32,
}

/// Counts a guess at a code that is still to be typed; `None` where it can't be guessed at any more.
pub(super) async fn count_guess(
    db: impl PgExecutor<'_>,
    ticket: &Ticket,
    browser: BrowserMark,
    most: i32,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Guess>> {
    sqlx::query_as!(
        Guess,
        "update mailed_code set tries = tries + 1
         where mailed_code_id = $1 and browser = $2 and purpose = $3 and typed_at is null and expires_at > $4
           and tries < $5
         returning key_id, code_mac, tries",
        ticket.id,
        browser.0.as_slice(),
        ticket.purpose.as_str(),
        now,
        most,
    )
    .fetch_optional(db)
    .await
}

/// The right code was typed: what it opens is open until then.
pub(super) async fn open(
    db: impl PgExecutor<'_>,
    ticket: &Ticket,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update mailed_code set typed_at = $2, expires_at = $3 where mailed_code_id = $1 and typed_at is null",
        ticket.id,
        now,
        until,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether the right code was typed.
pub(super) async fn is_open(
    db: impl PgExecutor<'_>,
    ticket: &Ticket,
    browser: BrowserMark,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
               select from mailed_code where mailed_code_id = $1 and browser = $2 and purpose = $3
                 and typed_at is not null and expires_at > $4) as "open!""#,
        ticket.id,
        browser.0.as_slice(),
        ticket.purpose.as_str(),
        now,
    )
    .fetch_one(db)
    .await
}

/// What a code that was typed is used up for.
#[derive(Debug)]
pub struct Proven {
    /// The account it is for: whose password it may replace, or whose address it may change.
    pub account_id: Option<AccountId>,
}

/// Uses up a code that was typed, once; `None` where it was not, or no longer counts.
pub async fn use_up(
    db: impl PgExecutor<'_>,
    ticket: &Ticket,
    browser: BrowserMark,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Proven>> {
    sqlx::query_as!(
        Proven,
        r#"delete from mailed_code where mailed_code_id = $1 and browser = $2 and purpose = $3
             and typed_at is not null and expires_at > $4
           returning account_id as "account_id: AccountId""#,
        ticket.id,
        browser.0.as_slice(),
        ticket.purpose.as_str(),
        now,
    )
    .fetch_optional(db)
    .await
}

/// Ends every code of an account. One that is being used up in another transaction is left to that.
pub async fn end_codes_of(
    db: impl PgExecutor<'_>,
    account: AccountId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update mailed_code set expires_at = $2 where mailed_code_id in (
             select mailed_code_id from mailed_code where account_id = $1 and expires_at > $2
             for update skip locked)",
        account.0,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes codes that neither open nor limit anything any more, a thousand at most.
pub async fn delete_old(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from mailed_code where mailed_code_id in (
             select mailed_code_id from mailed_code where asked_at < $1 and expires_at < $2
             limit 1000 for update skip locked)",
        now - super::LIMITED_IN,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
