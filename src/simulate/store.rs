//! What the simulation leaves and takes away again.

use sqlx::PgExecutor;

use crate::{
    foundation::ids::{ClientId, LinkId},
    link::code::CodeHash,
};

/// The names of a client's actions.
pub async fn list_action_names(
    db: impl PgExecutor<'_>,
    client: &ClientId,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select name from action where client_id = $1 order by name",
        client.as_str()
    )
    .fetch_all(db)
    .await
}

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
