//! `linkgate admin …`

use std::path::Path;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::{
    context::{self, Context, with_database},
    output::{self, Output},
    password,
};
use crate::{
    account::is_email,
    admin::{
        Admin, AdminRole,
        identity::{ChangeError, LockedAdmin},
        store,
    },
    event::{Event, EventKind},
    factor::{self, Owner},
    foundation::ids::AdminId,
};

#[derive(Subcommand)]
pub enum Verb {
    /// Make an admin.
    Create(Create),
    /// List all admins.
    List(List),
    /// Change an admin's role or address, or disable one. The last enabled owner stays.
    Update(Update),
    /// Give an admin a new password, drop the second factor, and end all sessions.
    Reset(Reset),
}

#[derive(clap::Args)]
pub struct Create {
    /// The e-mail address to sign in with.
    #[arg(long)]
    email: String,
    /// What the admin may do.
    #[arg(long)]
    role: AdminRole,
    /// Read the password from stdin's first line.
    #[arg(long, required = true)]
    password_stdin: bool,
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
pub struct List {
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
pub struct Update {
    /// The admin's e-mail address or id.
    admin: String,
    /// Another e-mail address.
    #[arg(long)]
    email: Option<String>,
    /// Another role.
    #[arg(long)]
    role: Option<AdminRole>,
    /// Sign-ins are refused and sessions end at once.
    #[arg(long, conflicts_with = "enable")]
    disable: bool,
    /// Sign-ins work again.
    #[arg(long)]
    enable: bool,
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
pub struct Reset {
    /// The admin's e-mail address or id.
    admin: String,
    /// Read the new password from stdin's first line, instead of printing a random one.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    output: Output,
}

impl Verb {
    pub async fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        // Passwords are read before a database is started for nothing.
        let password = match &self {
            Self::Create(_) => Some(password::read_new().await?),
            Self::Reset(verb) if verb.password_stdin => Some(password::read_new().await?),
            _ => None,
        };
        with_database(file, async |context| match self {
            Self::Create(verb) => verb.run(context, password).await,
            Self::List(verb) => verb.run(context).await,
            Self::Update(verb) => verb.run(context).await,
            Self::Reset(verb) => verb.run(context, password).await,
        })
        .await
    }
}

impl Create {
    async fn run(self, context: &Context, password: Option<SecretString>) -> anyhow::Result<()> {
        let password = password.context("--password-stdin gave no password")?;
        if !is_email(&self.email) {
            bail!("--email: the e-mail address is not valid");
        }
        let admin = Admin {
            id: AdminId::random(&*context.random),
            email: self.email.clone(),
            role: self.role,
            disabled_at: None,
            created_at: context.now,
        };
        let hash = context.hash(password).await?;
        let mut transaction = context.db.begin().await?;
        store::insert_admin(&mut *transaction, &admin, &hash)
            .await
            .map_err(ChangeError::from)?;
        record(&mut transaction, context, &admin, "made").await?;
        transaction.commit().await?;
        self.output.print(&shown(&admin), || {
            format!(
                "The {} {} can sign in now.",
                admin.role.as_str(),
                admin.email
            )
        })?;
        Ok(())
    }
}

impl List {
    async fn run(self, context: &Context) -> anyhow::Result<()> {
        let admins = store::list_admins(&context.db).await?;
        let all: Vec<_> = admins.iter().map(shown).collect();
        self.output.print(&all, || {
            let row = |admin: &Admin| {
                [
                    admin.email.clone(),
                    admin.role.as_str().to_owned(),
                    if admin.is_enabled() {
                        "enabled"
                    } else {
                        "disabled"
                    }
                    .to_owned(),
                    output::time(admin.created_at),
                    admin.id.to_string(),
                ]
            };
            let rows = admins.iter().map(row).collect();
            output::table(["EMAIL", "ROLE", "STATE", "SINCE", "ID"], rows)
        })?;
        Ok(())
    }
}

impl Update {
    async fn run(self, context: &Context) -> anyhow::Result<()> {
        let found = find(context, &self.admin).await?;
        let mut transaction = context.db.begin().await?;
        let locked = LockedAdmin::find(&mut transaction, found.id).await?;
        let mut admin = locked.admin.clone();
        if let Some(email) = &self.email {
            if !is_email(email) {
                bail!("--email: the e-mail address is not valid");
            }
            admin.email.clone_from(email);
        }
        admin.role = self.role.unwrap_or(admin.role);
        if self.enable {
            admin.disabled_at = None;
        } else if self.disable {
            admin.disabled_at = admin.disabled_at.or(Some(context.now));
        }
        let changed = admin != locked.admin;
        if changed {
            locked.change(&admin, &mut transaction).await?;
            record(&mut transaction, context, &admin, "changed").await?;
        }
        transaction.commit().await?;
        self.output.print(&shown(&admin), || {
            let what = if changed { "changed" } else { "as it was" };
            format!("{} is {what}.", admin.email)
        })?;
        Ok(())
    }
}

impl Reset {
    async fn run(self, context: &Context, given: Option<SecretString>) -> anyhow::Result<()> {
        let admin = find(context, &self.admin).await?;
        let drawn = given.is_none().then(|| password::random(&*context.random));
        let password = given.or_else(|| drawn.clone()).context("no password")?;
        let hash = context.hash(password).await?;
        let mut transaction = context.db.begin().await?;
        store::set_password_hash(&mut *transaction, admin.id, &hash).await?;
        store::delete_sessions_of(&mut *transaction, admin.id).await?;
        factor::store::delete_all(&mut transaction, Owner::Admin(admin.id)).await?;
        let what = "password reset, second factors dropped";
        record(&mut transaction, context, &admin, what).await?;
        transaction.commit().await?;
        let shown_once = drawn.as_ref().map(ExposeSecret::expose_secret);
        let mut answer = shown(&admin);
        if let (Some(password), Value::Object(answer)) = (shown_once, &mut answer) {
            answer.insert("password".to_owned(), password.into());
        }
        self.output.print(&answer, || {
            let email = &admin.email;
            let done = match shown_once {
                Some(password) => format!("{email} signs in with the password {password}"),
                None => format!("{email} has the new password."),
            };
            if admin.is_enabled() {
                done
            } else {
                format!(
                    "{done}\n{email} is disabled, and signs in only after `linkgate admin update {email} --enable`."
                )
            }
        })?;
        Ok(())
    }
}

async fn find(context: &Context, who: &str) -> anyhow::Result<Admin> {
    let found = match who.parse::<AdminId>() {
        Ok(id) => store::find_admin(&context.db, id).await?,
        Err(_) => store::find_admin_by_email(&context.db, who).await?,
    };
    found.with_context(|| format!("there is no admin {who}"))
}

async fn record(
    db: &mut PgConnection,
    context: &Context,
    admin: &Admin,
    what: &str,
) -> sqlx::Result<()> {
    let detail = format!("admin {} {what} on the command line", admin.email);
    let event = Event::new(EventKind::AdminChange, context.now);
    context::record(db, event.detail(detail)).await
}

fn shown(admin: &Admin) -> Value {
    json!({
        "admin_id": admin.id,
        "email": admin.email,
        "role": admin.role,
        "disabled": !admin.is_enabled(),
        "created_at": admin.created_at,
    })
}
