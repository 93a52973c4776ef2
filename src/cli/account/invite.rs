//! `linkgate account invite` and `linkgate account invitations`

use anyhow::bail;
use chrono::SecondsFormat;
use serde_json::json;

use crate::{
    account::{
        InvalidAccount,
        invitation::{
            self, NewInvitation,
            store::{list_open, withdraw_invitation},
        },
        is_email,
        store::find_account_by_email,
    },
    cli::{
        context::{self, Context},
        output::Output,
    },
    config::SignUp,
    event::{Event, EventKind},
    mail::{self, Recipient},
};

#[derive(clap::Args)]
pub struct Invite {
    /// Whom: the e-mail address to sign up with.
    #[arg(long)]
    email: String,
    /// The language of the mail, such as ko, en or ja.
    #[arg(long, default_value = "ko")]
    locale: String,
    /// For how many days it is good: 1 to 90.
    #[arg(long, default_value_t = invitation::USUAL_DAYS,
          value_parser = clap::value_parser!(u16).range(1..=i64::from(invitation::MOST_DAYS)))]
    days: u16,
    /// Take an invitation back instead.
    #[arg(long)]
    withdraw: bool,
    #[command(flatten)]
    output: Output,
}

impl Invite {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let email = self.email.trim();
        if !is_email(email) || !mail::is_deliverable(email) {
            return Err(InvalidAccount::Email.into());
        }
        if self.withdraw {
            return self.take_back(context).await;
        }
        if context.config.sign_up == SignUp::Off {
            bail!("nobody can sign up: set LINKGATE_SIGNUP to `invited`");
        }
        if find_account_by_email(&context.db, email).await?.is_some() {
            bail!("{email} already has an account");
        }
        let mut transaction = context.db.begin().await?;
        let recipient = Recipient {
            email,
            language: &self.locale,
        };
        let new = NewInvitation {
            id: context.random.uuid(),
            recipient,
            days: self.days,
            by: None,
        };
        new.send(&mut transaction, context.now).await?;
        let until = new.until(context.now);
        let event = Event::new(EventKind::AdminChange, context.now);
        let detail = format!("invited {email} on the command line");
        context::record(&mut transaction, event.detail(detail)).await?;
        transaction.commit().await?;
        let until = until.to_rfc3339_opts(SecondsFormat::Secs, true);
        let invited = json!({ "email": email, "expires_at": until });
        self.output.print(&invited, || {
            format!("invited {email} until {until}; the server mails them so")
        })?;
        Ok(())
    }

    async fn take_back(&self, context: &Context) -> anyhow::Result<()> {
        let email = self.email.trim();
        let mut transaction = context.db.begin().await?;
        if !withdraw_invitation(&mut *transaction, email).await? {
            bail!("{email} is not invited");
        }
        let event = Event::new(EventKind::AdminChange, context.now);
        let detail = format!("withdrew the invitation of {email} on the command line");
        context::record(&mut transaction, event.detail(detail)).await?;
        transaction.commit().await?;
        let gone = json!({ "email": email, "expires_at": null });
        self.output
            .print(&gone, || format!("{email} is no longer invited"))?;
        Ok(())
    }
}

#[derive(clap::Args)]
pub struct Listing {
    #[command(flatten)]
    output: Output,
}

impl Listing {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let invited = list_open(&context.db, context.now).await?;
        let rows: Vec<_> = invited
            .iter()
            .map(|invited| {
                json!({
                    "email": invited.email,
                    "invited_at": invited.invited_at.to_rfc3339_opts(SecondsFormat::Secs, true),
                    "expires_at": invited.expires_at.to_rfc3339_opts(SecondsFormat::Secs, true),
                })
            })
            .collect();
        self.output.print(&rows, || {
            let lines = invited.iter().map(|invited| {
                let until = invited.expires_at.format("%Y-%m-%d %H:%M");
                format!("{}  until {until} UTC", invited.email)
            });
            match lines.collect::<Vec<_>>() {
                lines if lines.is_empty() => "nobody is invited".to_owned(),
                lines => lines.join("\n"),
            }
        })?;
        Ok(())
    }
}
