//! Whether the keys open, come and go as they should.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;

use super::Finding;
use crate::{
    cli::{database::Database, output::in_one_line, secret_key_file},
    config::Config,
    foundation::{
        clock::{Clock, SystemClock},
        keys::{KeyKind, Keys, schedule::Lives, store::is_sealed},
        random::SystemRandom,
    },
};

const NAME: &str = "keys";
/// How late a new key may be before somebody should look.
const PATIENCE: TimeDelta = TimeDelta::days(2);

pub async fn look(config: &Config, database: &Database, db: &PgPool) -> Finding {
    match look_into(config, database, db).await {
        Ok(finding) => finding,
        Err(error) => Finding::failed(
            NAME,
            in_one_line(&error),
            "restore LINKGATE_SECRET_KEY, or secret.key in the data directory, from where you keep it",
        ),
    }
}

async fn look_into(config: &Config, database: &Database, db: &PgPool) -> anyhow::Result<Finding> {
    if !is_sealed(db).await? {
        return Ok(Finding::ok(NAME, "none yet; the first start makes them"));
    }
    let now = SystemClock.now();
    let data_dir = database.private_data_dir();
    let secret_keys = secret_key_file::open(config, data_dir, db, &SystemRandom).await?;
    let has_previous = secret_keys.previous.is_some();
    let keys = Keys::open(db.clone(), secret_keys, &SystemRandom, now).await?;
    if keys.is_sealed_by_previous().await? {
        return Ok(Finding::hint(
            NAME,
            "sealed with LINKGATE_SECRET_KEY_PREVIOUS",
            "when all nodes have both secret keys, run `linkgate key reseal`",
        ));
    }
    let lives = keys.lives().await?;
    if let Some(trouble) = trouble(&lives, config, now) {
        return Ok(trouble);
    }
    let number = lives.iter().count();
    if has_previous {
        return Ok(Finding::hint(
            NAME,
            format!("LINKGATE_SECRET_KEY opens all {number}, and its previous one nothing"),
            "drop LINKGATE_SECRET_KEY_PREVIOUS",
        ));
    }
    Ok(Finding::ok(
        NAME,
        format!("the secret key opens all {number}"),
    ))
}

fn trouble(lives: &Lives, config: &Config, now: DateTime<Utc>) -> Option<Finding> {
    if lives.iter().any(|life| life.compromised_at.is_some()) {
        return Some(Finding::hint(
            NAME,
            "compromised refresh keys are still on record",
            "`linkgate serve` forgets them a day after the last link they made has ended",
        ));
    }
    let late = |kind: &KeyKind| {
        let due = lives.next_due(*kind, &config.key_intervals);
        due.is_some_and(|due| due + PATIENCE < now)
    };
    let late = KeyKind::ALL.into_iter().find(late)?;
    Some(Finding::hint(
        NAME,
        format!("a new {} key is overdue", late.as_str()),
        "`linkgate serve` makes one while it runs; its log says if it can't",
    ))
}
