//! Scopes that admins defined, at rest.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

/// A scope an admin defined, with its sentences.
#[derive(Debug, Clone)]
pub struct DefinedScope {
    /// Its name, as platforms ask for it.
    pub scope: String,
    /// Korean.
    pub sentence_ko: String,
    /// English.
    pub sentence_en: String,
    /// Japanese.
    pub sentence_ja: String,
}

/// The scopes admins defined, by name.
pub async fn list_scopes(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<DefinedScope>> {
    sqlx::query_as!(
        DefinedScope,
        "select scope, sentence_ko, sentence_en, sentence_ja from scope order by scope"
    )
    .fetch_all(db)
    .await
}

/// Stores a scope, new or changed.
pub async fn save_scope(
    db: impl PgExecutor<'_>,
    scope: &DefinedScope,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into scope (scope, sentence_ko, sentence_en, sentence_ja, created_at) values ($1, $2, $3, $4, $5)
         on conflict (scope) do update set sentence_ko = excluded.sentence_ko,
             sentence_en = excluded.sentence_en, sentence_ja = excluded.sentence_ja",
        scope.scope,
        scope.sentence_ko,
        scope.sentence_en,
        scope.sentence_ja,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes a scope that no client may ask for. Whether it did.
pub async fn delete_unused_scope(db: impl PgExecutor<'_>, scope: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from scope where scope = $1 and not exists (select from client where $1 = any (scopes))",
        scope,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
