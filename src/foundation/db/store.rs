//! What the migrations leave in the database about themselves.

use sqlx::PgConnection;

/// The versions applied so far; none where nothing was ever migrated. Not checked at compile time,
/// because the table is made by the first migration run.
pub(super) async fn list_applied_migrations(db: &mut PgConnection) -> sqlx::Result<Vec<i64>> {
    let exists: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
        .fetch_one(&mut *db)
        .await?;
    if !exists {
        return Ok(Vec::new());
    }
    sqlx::query_scalar("select version from _sqlx_migrations where success")
        .fetch_all(db)
        .await
}
