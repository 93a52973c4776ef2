//! What is to be sent, at rest until it was.

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, types::Json};

use super::{Letter, Recipient};

/// Stores a letter that is due from now on, and good for nothing later than that.
pub(super) async fn insert_mail(
    db: impl PgExecutor<'_>,
    recipient: Recipient<'_>,
    (letter, service): (&Letter, Option<&str>),
    sealed_code: Option<&[u8]>,
    (now, useless_at): (DateTime<Utc>, DateTime<Utc>),
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into mail (recipient, language, letter, sealed_code, made_at, due_at, useless_at, service)
         values ($1, $2, $3, $4, $5, $5, $6, $7)",
        recipient.email,
        recipient.language,
        Json(letter) as _,
        sealed_code,
        now,
        useless_at,
        service,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A letter that was taken to be sent.
#[derive(Debug, Clone)]
pub(super) struct DueMail {
    /// Names it.
    pub(super) id: i64,
    /// Where it goes.
    pub(super) recipient: String,
    /// The language it is to be written in.
    pub(super) language: String,
    /// What its recipient knows the service as, where that is not its name.
    pub(super) service: Option<String>,
    /// Which one.
    pub(super) letter: Json<Letter>,
    /// What stands in it, sealed.
    pub(super) sealed_code: Option<Vec<u8>>,
    /// Since when it waits.
    pub(super) made_at: DateTime<Utc>,
    /// Until when somebody waits for it.
    pub(super) useless_at: DateTime<Utc>,
    /// How often it was tried, this time among them.
    pub(super) attempts: i32,
    /// Why the try before this one failed.
    pub(super) failure: String,
}

/// Takes what is due, so much at most; whatever becomes of whoever takes it, others leave it alone until
/// `lease_ends`.
pub(super) async fn take_due(
    db: impl PgExecutor<'_>,
    most: i64,
    now: DateTime<Utc>,
    lease_ends: DateTime<Utc>,
) -> sqlx::Result<Vec<DueMail>> {
    sqlx::query_as!(
        DueMail,
        r#"with due as (
               select mail_id from mail where due_at <= $1 order by due_at limit $3 for update skip locked
           )
           update mail m set due_at = $2, attempts = m.attempts + 1 from due where m.mail_id = due.mail_id
           returning m.mail_id as id, m.recipient, m.language, m.service, m.letter as "letter: Json<Letter>", m.sealed_code,
                     m.made_at, m.useless_at, m.attempts, m.failure"#,
        now,
        lease_ends,
        most,
    )
    .fetch_all(db)
    .await
}

/// The mail server has it.
pub(super) async fn note_sent(
    db: impl PgExecutor<'_>,
    id: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with gone as (delete from mail where mail_id = $1)
         update mail_delivery set sent_at = greatest(sent_at, $2)",
        id,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// It has to be tried again then, unless somebody else has taken it meanwhile.
pub(super) async fn note_failed(
    db: impl PgExecutor<'_>,
    mail: &DueMail,
    failure: &str,
    due_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update mail set due_at = $3, failure = $4 where mail_id = $1 and attempts = $2",
        mail.id,
        mail.attempts,
        due_at,
        failure,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// It is tried no more.
pub(super) async fn give_up(
    db: impl PgExecutor<'_>,
    mail: &DueMail,
    failure: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with gone as (delete from mail where mail_id = $1 and attempts = $2 returning mail_id)
         update mail_delivery set given_up_at = $3, failure = $4 where exists (select from gone)",
        mail.id,
        mail.attempts,
        now,
        failure,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How sending goes.
#[derive(Debug, Clone)]
pub struct Deliveries {
    /// How many letters wait to be tried again.
    pub waiting: i64,
    /// Why the last try of one of them failed.
    pub waits_because: Option<String>,
    /// When one was sent last.
    pub sent_at: Option<DateTime<Utc>>,
    /// When one was given up last.
    pub given_up_at: Option<DateTime<Utc>>,
    /// And why.
    pub given_up_because: String,
}

/// How it goes now.
pub async fn find_deliveries(db: impl PgExecutor<'_>) -> sqlx::Result<Deliveries> {
    sqlx::query_as!(
        Deliveries,
        r#"select w.waiting as "waiting!", w.because as waits_because, d.sent_at, d.given_up_at,
                  d.failure as given_up_because
           from mail_delivery d cross join (
               select count(*) as waiting, (array_agg(failure order by attempts desc))[1] as because
               from mail where failure <> '') w"#
    )
    .fetch_one(db)
    .await
}
