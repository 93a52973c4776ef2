//! `/admin/accounts/new` and `/admin/accounts/{id}/edit`: one form for both.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use chrono::{DateTime, Utc};
use serde_json::Map;
use sqlx::PgConnection;

use super::{address, named, show::pretty};
use crate::{
    account::{
        Account, InvalidAccount, email_change,
        password::{self, Hasher},
        password_change,
        store::{self, Taken},
    },
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        field::Field,
        flash::Done,
        guard::{Opened, Operator, Posted},
        passwords, seen,
    },
    foundation::ids::AccountId,
    web::{form::PostedForm, page_error::PageError, pages::Problem},
};

#[derive(Debug, Template)]
#[template(path = "admin/account_edit.html")]
struct EditPage {
    chrome: Chrome,
    /// The account as it is; none for a new one.
    account: Option<Account>,
    form: AccountForm,
}

/// The form as it was typed.
#[derive(Debug, Default)]
struct AccountForm {
    email: Field,
    name: Field,
    external_id: Field,
    locale: Field,
    attributes: Field,
    password: Field,
    /// What the account looked like when the form was drawn.
    seen: String,
    /// Set where the account has been changed since.
    changed_meanwhile: bool,
}

/// `GET /admin/accounts/new`
#[tracing::instrument(name = "admin.account.new", skip_all)]
pub async fn show_new(opened: Opened<Operator>) -> Result<HttpResponse, PageError> {
    let form = AccountForm {
        locale: Field::new("ko"),
        attributes: Field::new("{}"),
        ..AccountForm::default()
    };
    opened.console.page(&page(&opened.console, None, form))
}

/// `POST /admin/accounts/new`
#[tracing::instrument(name = "admin.account.create", skip_all)]
pub async fn create(
    posted: Posted<Operator>,
    hasher: Data<Hasher>,
) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let (mut typed, password) = AccountForm::typed(form);
    let account = Account {
        id: AccountId::random(&*console.state.random),
        external_id: None,
        email: String::new(),
        name: String::new(),
        locale: String::new(),
        attributes: Map::new(),
        disabled_at: None,
        delete_at: None,
        created_at: console.now,
    };
    let Some(account) = typed.apply(account, password) else {
        return console.refused(&page(console, None, typed));
    };
    let hash = passwords::hash(password, &hasher).await?;
    match store::insert_account(&console.state.db, &account, hash.as_deref()).await {
        Ok(()) => {
            console.record("Created the account", |event| event.account(account.id));
            Ok(console.done(&address(account.id), Done::AccountCreated))
        }
        Err(error) => {
            typed.refuse_taken(error)?;
            console.refused(&page(console, None, typed))
        }
    }
}

/// `GET /admin/accounts/{id}/edit`
#[tracing::instrument(name = "admin.account.edit", skip_all)]
pub async fn show(opened: Opened<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let account = named(&id, &console.state).await?;
    let form = AccountForm::of(&account)?;
    console.page(&page(&console, Some(account), form))
}

/// `POST /admin/accounts/{id}/edit`
#[tracing::instrument(name = "admin.account.save", skip_all)]
pub async fn save(
    posted: Posted<Operator>,
    id: Path<String>,
    hasher: Data<Hasher>,
) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let before = named(&id, &console.state).await?;
    let (mut typed, password) = AccountForm::typed(form);
    if !typed.has_seen(&before)? {
        return console.refused(&page(console, Some(before), typed));
    }
    let Some(account) = typed.apply(before.clone(), password) else {
        return console.refused(&page(console, Some(before), typed));
    };
    // Hashing takes its time, which nobody else should have to wait for.
    let hash = passwords::hash(password, &hasher).await?;
    let mut transaction = console.state.db.begin().await?;
    let locked = store::lock_account(&mut transaction, account.id).await?;
    let locked = locked.ok_or(Problem::NotFound)?;
    if !typed.has_seen(&locked)? {
        return console.refused(&page(console, Some(locked), typed));
    }
    if let Err(error) = store_changed(
        &mut transaction,
        (&locked, &account),
        hash.as_deref(),
        console.now,
    )
    .await
    {
        typed.refuse_taken(error)?;
        return console.refused(&page(console, Some(before), typed));
    }
    transaction.commit().await?;
    let changes = changes(&before, &account, hash.is_some());
    if !changes.is_empty() {
        let detail = format!("Changed the account: {}", changes.join(", "));
        console.record(detail, |event| event.account(account.id));
    }
    Ok(console.done(&address(account.id), Done::AccountSaved))
}

/// Stores the account; a new password or address ends every session, and the person is told.
async fn store_changed(
    db: &mut PgConnection,
    (before, account): (&Account, &Account),
    password_hash: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    store::update_account(&mut *db, account, now).await?;
    email_change::follow(&mut *db, before, account, None, now).await?;
    if let Some(hash) = password_hash {
        password_change::change(db, account, hash, now).await?;
    }
    Ok(())
}

fn page(console: &Console, account: Option<Account>, form: AccountForm) -> EditPage {
    EditPage {
        chrome: console.chrome(Some(Section::Accounts)),
        account,
        form,
    }
}

impl AccountForm {
    fn of(account: &Account) -> Result<Self, PageError> {
        Ok(Self {
            email: Field::new(&account.email),
            name: Field::new(&account.name),
            external_id: Field::new(account.external_id.clone().unwrap_or_default()),
            locale: Field::new(&account.locale),
            attributes: Field::new(pretty(account)?),
            seen: fingerprint(account)?,
            ..Self::default()
        })
    }

    /// The form as it was posted, and the new password, which is not shown again.
    fn typed(form: &PostedForm) -> (Self, Option<&str>) {
        let field = |name| Field::new(form.text(name));
        let typed = Self {
            email: field("email"),
            name: field("name"),
            external_id: field("external_id"),
            locale: field("locale"),
            attributes: Field::new(form.parameters.get("attributes").unwrap_or_default()),
            seen: form.text("seen").to_owned(),
            ..Self::default()
        };
        (typed, form.parameters.get("password"))
    }

    /// Whether the form was drawn from the account as it is; if not, the next one will have been.
    fn has_seen(&mut self, account: &Account) -> Result<bool, PageError> {
        let now_seen = fingerprint(account)?;
        self.changed_meanwhile = self.seen != now_seen;
        self.seen = now_seen;
        Ok(!self.changed_meanwhile)
    }

    /// The account as the form wants it, or the reasons at the fields.
    fn apply(&mut self, mut account: Account, password: Option<&str>) -> Option<Account> {
        account.email.clone_from(&self.email.value);
        account.name.clone_from(&self.name.value);
        account.external_id = self.external_id.filled().map(str::to_owned);
        account.locale.clone_from(&self.locale.value);
        match parse_attributes(&self.attributes.value) {
            Ok(attributes) => account.attributes = attributes,
            Err(reason) => self.attributes.refuse(reason),
        }
        if let Some(Err(reason)) = password.map(password::check_new) {
            self.password.refuse(sentence(&reason));
        }
        self.refuse_invalid(account.clone());
        self.is_fine().then_some(account)
    }

    /// The account names one thing that is wrong with it; mended there, it names the next.
    fn refuse_invalid(&mut self, mut account: Account) {
        while let Err(reason) = account.check() {
            let field = match reason {
                InvalidAccount::Email => {
                    "a@b".clone_into(&mut account.email);
                    &mut self.email
                }
                InvalidAccount::Name => {
                    "a".clone_into(&mut account.name);
                    &mut self.name
                }
                InvalidAccount::ExternalId => {
                    account.external_id = None;
                    &mut self.external_id
                }
                InvalidAccount::Locale => {
                    "ko".clone_into(&mut account.locale);
                    &mut self.locale
                }
                InvalidAccount::Attributes | InvalidAccount::AttributesNul => {
                    account.attributes.clear();
                    &mut self.attributes
                }
            };
            field.refuse(sentence(&reason));
        }
    }

    fn refuse_taken(&mut self, error: sqlx::Error) -> Result<(), PageError> {
        let taken = Taken::from_error(&error).ok_or(error)?;
        let field = match taken {
            Taken::Email => &mut self.email,
            Taken::ExternalId => &mut self.external_id,
        };
        field.refuse(sentence(&taken));
        Ok(())
    }

    fn is_fine(&self) -> bool {
        let fields = [
            &self.email,
            &self.name,
            &self.external_id,
            &self.locale,
            &self.attributes,
            &self.password,
        ];
        fields.iter().all(|field| field.error.is_none())
    }
}

/// The attributes, or where the text stops being a JSON object.
fn parse_attributes(text: &str) -> Result<Map<String, serde_json::Value>, String> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(text) {
        Ok(serde_json::Value::Object(attributes)) => Ok(attributes),
        Ok(_) => Err("The attributes must be a JSON object: { \"points\": 12 }".to_owned()),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let reason = error.to_string();
            let position = format!(" at line {line} column {column}");
            let reason = reason.strip_suffix(&position).unwrap_or(&reason);
            Err(format!(
                "Not JSON at line {line}, column {column}: {reason}"
            ))
        }
    }
}

/// What a form shows of an account, in one short value.
fn fingerprint(account: &Account) -> Result<String, PageError> {
    let shown = (
        &account.email,
        &account.name,
        &account.external_id,
        &account.locale,
        &account.attributes,
    );
    seen::fingerprint(&shown)
}

fn changes(before: &Account, after: &Account, password: bool) -> Vec<&'static str> {
    let compared = [
        (before.email != after.email, "e-mail address"),
        (before.name != after.name, "name"),
        (before.external_id != after.external_id, "external id"),
        (before.locale != after.locale, "locale"),
        (before.attributes != after.attributes, "attributes"),
        (password, "password"),
    ];
    let changed = compared.iter().filter(|(changed, _)| *changed);
    changed.map(|(_, what)| *what).collect()
}

/// A reason as a sentence of a page.
fn sentence(reason: &impl ToString) -> String {
    crate::admin::field::sentence(&reason.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_in_attributes_is_named_with_its_line_and_column() {
        for (text, reason) in [
            (
                "{\n  \"points\": 12,\n}",
                "Not JSON at line 3, column 1: trailing comma",
            ),
            ("{\"a\" 1}", "Not JSON at line 1, column 6: expected `:`"),
            (
                "[1]",
                "The attributes must be a JSON object: { \"points\": 12 }",
            ),
        ] {
            assert_eq!(parse_attributes(text).unwrap_err(), reason);
        }
        assert_eq!(parse_attributes(" \n").unwrap().len(), 0);
        assert_eq!(parse_attributes("{\"점수\": 12}").unwrap()["점수"], 12);
    }

    #[test]
    fn every_field_that_is_wrong_says_so_at_once() {
        let mut form = AccountForm {
            email: Field::new("nobody"),
            locale: Field::new("not a tag"),
            attributes: Field::new("{"),
            ..AccountForm::default()
        };
        let account = Account {
            id: AccountId(uuid::Uuid::nil()),
            external_id: None,
            email: String::new(),
            name: String::new(),
            locale: String::new(),
            attributes: Map::new(),
            disabled_at: None,
            delete_at: None,
            created_at: chrono::DateTime::UNIX_EPOCH,
        };
        assert!(form.apply(account, Some("short")).is_none());
        let wrong = [
            &form.email,
            &form.name,
            &form.locale,
            &form.attributes,
            &form.password,
        ];
        assert!(wrong.iter().all(|field| field.error.is_some()), "{form:?}");
        assert_eq!(form.external_id.error, None);
    }
}
