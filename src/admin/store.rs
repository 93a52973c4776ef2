//! Admins at rest.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::{Admin, AdminRole};
use crate::{account::email_key, foundation::ids::AdminId};

struct Row {
    admin_id: AdminId,
    email: String,
    role: AdminRole,
    disabled_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl From<Row> for Admin {
    fn from(row: Row) -> Self {
        Self {
            id: row.admin_id,
            email: row.email,
            role: row.role,
            disabled_at: row.disabled_at,
            created_at: row.created_at,
        }
    }
}

macro_rules! select_admins {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Row,
            r#"select admin_id as "admin_id: AdminId", email, role as "role: AdminRole", disabled_at, created_at
               from admin "# + $rest
            $(, $argument)*
        )
    };
}

/// The admin of that id.
pub async fn find_admin(db: impl PgExecutor<'_>, id: AdminId) -> sqlx::Result<Option<Admin>> {
    let row = select_admins!("where admin_id = $1", id.0)
        .fetch_optional(db)
        .await?;
    Ok(row.map(Admin::from))
}

/// The admin of that id, whom nobody else changes until the transaction ends.
pub(super) async fn lock_admin(
    db: impl PgExecutor<'_>,
    id: AdminId,
) -> sqlx::Result<Option<Admin>> {
    let row = select_admins!("where admin_id = $1 for no key update", id.0)
        .fetch_optional(db)
        .await?;
    Ok(row.map(Admin::from))
}

/// The admin of that e-mail address, in any case.
pub async fn find_admin_by_email(
    db: impl PgExecutor<'_>,
    email: &str,
) -> sqlx::Result<Option<Admin>> {
    let row = select_admins!("where email_key = $1", email_key(email))
        .fetch_optional(db)
        .await?;
    Ok(row.map(Admin::from))
}

/// All admins, the oldest first.
pub async fn list_admins(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Admin>> {
    let rows = select_admins!("order by created_at, admin_id")
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(Admin::from).collect())
}

/// Whether there is any admin at all.
pub async fn has_admin(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists (select from admin) as "exists!""#)
        .fetch_one(db)
        .await
}

/// The id and password hash to check a sign-in against; `None` for an unknown address. A disabled
/// admin has no hash to sign in with.
pub async fn find_login(
    db: impl PgExecutor<'_>,
    email: &str,
) -> sqlx::Result<Option<(AdminId, Option<String>)>> {
    let row = sqlx::query!(
        r#"select admin_id as "admin_id: AdminId",
                  case when disabled_at is null then password_hash end as password_hash
           from admin where email_key = $1"#,
        email_key(email),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.admin_id, row.password_hash)))
}

/// The password hash of an admin who is not disabled.
pub(super) async fn find_password_hash(
    db: impl PgExecutor<'_>,
    id: AdminId,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select password_hash from admin where admin_id = $1 and disabled_at is null",
        id.0,
    )
    .fetch_optional(db)
    .await
}

/// Stores a new admin.
pub async fn insert_admin(
    db: impl PgExecutor<'_>,
    admin: &Admin,
    password_hash: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into admin (admin_id, email, email_key, role, password_hash, disabled_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        admin.id.0,
        admin.email,
        email_key(&admin.email),
        admin.role as AdminRole,
        password_hash,
        admin.disabled_at,
        admin.created_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stores a changed admin. See [`super::identity::LockedAdmin`], which keeps an owner.
pub(super) async fn update_admin(db: impl PgExecutor<'_>, admin: &Admin) -> sqlx::Result<()> {
    sqlx::query!(
        "update admin set email = $2, email_key = $3, role = $4, disabled_at = $5 where admin_id = $1",
        admin.id.0,
        admin.email,
        email_key(&admin.email),
        admin.role as AdminRole,
        admin.disabled_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The enabled owners, locked to the end of the transaction, so that two can't each be demoted
/// because the other one is still there.
pub(super) async fn lock_enabled_owners(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<AdminId>> {
    sqlx::query_scalar!(
        r#"select admin_id as "admin_id: AdminId" from admin
           where role = 'owner' and disabled_at is null order by admin_id for update"#
    )
    .fetch_all(db)
    .await
}

/// Replaces the password hash.
pub async fn set_password_hash(
    db: impl PgExecutor<'_>,
    id: AdminId,
    hash: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update admin set password_hash = $2 where admin_id = $1",
        id.0,
        hash
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts a stronger hash of the same password in the place of `old`; nothing where the password was
/// changed meanwhile, or the old one would come back.
pub async fn upgrade_password_hash(
    db: impl PgExecutor<'_>,
    id: AdminId,
    old: &str,
    new: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update admin set password_hash = $3 where admin_id = $1 and password_hash = $2",
        id.0,
        old,
        new
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends all sessions of an admin.
pub async fn delete_sessions_of(db: impl PgExecutor<'_>, id: AdminId) -> sqlx::Result<()> {
    sqlx::query!("delete from admin_session where admin_id = $1", id.0)
        .execute(db)
        .await?;
    Ok(())
}
