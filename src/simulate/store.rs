//! What the simulation left behind, to be taken away again.

use sqlx::PgExecutor;

use crate::{foundation::ids::LinkId, link::code::CodeHash};

/// The link a code led to, redeemed or not.
pub async fn find_link_of_code(
    db: impl PgExecutor<'_>,
    code: CodeHash,
) -> sqlx::Result<Option<LinkId>> {
    sqlx::query_scalar!(
        r#"select link_id as "link_id: LinkId" from link where code_hash = $1"#,
        code.0.as_slice()
    )
    .fetch_optional(db)
    .await
}
