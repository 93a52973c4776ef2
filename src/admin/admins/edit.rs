//! `/admin/admins/new` and `/admin/admins/{id}`: one form for both.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use sqlx::PgConnection;

use super::named;
use crate::{
    account::{
        is_email,
        password::{self, Hasher},
    },
    admin::{
        Admin, AdminRole,
        chrome::{Chrome, Section},
        console::Console,
        field::{Field, sentence},
        flash::Done,
        guard::{Opened, Owner, Posted},
        identity::{ChangeError, LockedAdmin},
        passwords, seen, store,
    },
    foundation::ids::AdminId,
    web::{form::PostedForm, page_error::PageError},
};

/// Where the list is.
const LIST: &str = "/admin/admins";

#[derive(Debug, Template)]
#[template(path = "admin/admin_edit.html")]
struct EditPage {
    chrome: Chrome,
    /// The admin as it is; none for a new one.
    admin: Option<Admin>,
    form: AdminForm,
    roles: Vec<(String, String)>,
}

/// The form as it was typed.
#[derive(Debug, Default)]
struct AdminForm {
    email: Field,
    role: Field,
    password: Field,
    /// What the admin was when the form was drawn.
    seen: String,
    /// Set where the admin has been changed since.
    changed_meanwhile: bool,
}

/// `GET /admin/admins/new`
#[tracing::instrument(name = "admin.admin.new", skip_all)]
pub async fn show_new(opened: Opened<Owner>) -> Result<HttpResponse, PageError> {
    let form = AdminForm {
        role: Field::new(AdminRole::Operator.as_str()),
        ..AdminForm::default()
    };
    opened.console.page(&page(&opened.console, None, form))
}

/// `POST /admin/admins/new`
#[tracing::instrument(name = "admin.admin.create", skip_all)]
pub async fn create(
    posted: Posted<Owner>,
    hasher: Data<Hasher>,
) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let (mut typed, password) = AdminForm::typed(form);
    if password.is_none() {
        typed.password.refuse("A new admin needs a password.");
    }
    let admin = Admin {
        id: AdminId::random(&*console.state.random),
        email: String::new(),
        role: AdminRole::Viewer,
        disabled_at: None,
        created_at: console.now,
    };
    let Some(admin) = typed.apply(admin, password) else {
        return console.refused(&page(console, None, typed));
    };
    let Some(hash) = passwords::hash(password, &hasher).await? else {
        return console.refused(&page(console, None, typed));
    };
    let stored = store::insert_admin(&console.state.db, &admin, &hash).await;
    if let Err(error) = stored {
        typed.refuse_change(error.into())?;
        return console.refused(&page(console, None, typed));
    }
    let detail = format!(
        "Created the admin {} as {}",
        admin.email,
        admin.role.as_str()
    );
    console.record(detail, |event| event);
    Ok(console.done(LIST, Done::AdminCreated))
}

/// `GET /admin/admins/{id}`
#[tracing::instrument(name = "admin.admin.edit", skip_all)]
pub async fn show(opened: Opened<Owner>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let admin = named(&id, &console).await?;
    let form = AdminForm {
        email: Field::new(&admin.email),
        role: Field::new(admin.role.as_str()),
        seen: fingerprint(&admin)?,
        ..AdminForm::default()
    };
    console.page(&page(&console, Some(admin), form))
}

/// `POST /admin/admins/{id}`
#[tracing::instrument(name = "admin.admin.save", skip_all)]
pub async fn save(
    posted: Posted<Owner>,
    id: Path<String>,
    hasher: Data<Hasher>,
) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let before = named(&id, console).await?;
    let (mut typed, password) = AdminForm::typed(form);
    if !typed.has_seen(&before)? {
        return console.refused(&page(console, Some(before), typed));
    }
    let Some(wanted) = typed.apply(before.clone(), password) else {
        return console.refused(&page(console, Some(before), typed));
    };
    // Hashing takes its time, which nobody else should have to wait for.
    let hash = passwords::hash(password, &hasher).await?;
    let mut transaction = console.state.db.begin().await?;
    let locked = LockedAdmin::find(&mut transaction, before.id).await?;
    if !typed.has_seen(&locked.admin)? {
        return console.refused(&page(console, Some(locked.admin), typed));
    }
    let admin = Admin {
        disabled_at: locked.admin.disabled_at,
        ..wanted
    };
    if let Err(error) = store_changed(locked, &admin, hash.as_deref(), &mut transaction).await {
        typed.refuse_change(error)?;
        return console.refused(&page(console, Some(before), typed));
    }
    transaction.commit().await?;
    let changes = changes(&before, &admin, hash.is_some());
    if !changes.is_empty() {
        let detail = format!("Changed the admin {}: {}", before.email, changes.join(", "));
        console.record(detail, |event| event);
    }
    // Owners who are none any more can't see the list.
    let may_see_list = admin.id != console.admin.id || admin.role == AdminRole::Owner;
    let next = if may_see_list { LIST } else { "/admin" };
    Ok(console.done(next, Done::AdminSaved))
}

/// Stores the admin; a new password ends every session that the old one began.
async fn store_changed(
    locked: LockedAdmin,
    admin: &Admin,
    password_hash: Option<&str>,
    db: &mut PgConnection,
) -> Result<(), ChangeError> {
    locked.change(admin, &mut *db).await?;
    if let Some(hash) = password_hash {
        store::set_password_hash(&mut *db, admin.id, hash).await?;
        store::delete_sessions_of(db, admin.id).await?;
    }
    Ok(())
}

fn page(console: &Console, admin: Option<Admin>, form: AdminForm) -> EditPage {
    let role = |role: AdminRole| {
        let may = match role {
            AdminRole::Viewer => "Viewer: sees everything, changes nothing",
            AdminRole::Operator => "Operator: manages clients, accounts, links and settings",
            AdminRole::Owner => "Owner: manages admins, too",
        };
        (role.as_str().to_owned(), may.to_owned())
    };
    EditPage {
        chrome: console.chrome(Some(Section::Admins)),
        admin,
        form,
        roles: AdminRole::ALL.map(role).to_vec(),
    }
}

impl AdminForm {
    /// The form as it was posted, and the new password, which is not shown again.
    fn typed(form: &PostedForm) -> (Self, Option<&str>) {
        let typed = Self {
            email: Field::new(form.text("email")),
            role: Field::new(form.text("role")),
            seen: form.text("seen").to_owned(),
            ..Self::default()
        };
        (typed, form.parameters.get("password"))
    }

    /// Whether the form was drawn from the admin as it is; if not, the next one will have been.
    fn has_seen(&mut self, admin: &Admin) -> Result<bool, PageError> {
        let now_seen = fingerprint(admin)?;
        self.changed_meanwhile = self.seen != now_seen;
        self.seen = now_seen;
        Ok(!self.changed_meanwhile)
    }

    /// The admin as the form wants it, or the reasons at the fields.
    fn apply(&mut self, mut admin: Admin, password: Option<&str>) -> Option<Admin> {
        if !is_email(&self.email.value) {
            self.email.refuse("The e-mail address is not valid.");
        }
        admin.email.clone_from(&self.email.value);
        let role = AdminRole::ALL
            .into_iter()
            .find(|role| role.as_str() == self.role.value);
        match role {
            Some(role) => admin.role = role,
            None => self.role.refuse("Choose a role."),
        }
        if let Some(Err(reason)) = password.map(password::check_new) {
            self.password.refuse(sentence(&reason.to_string()));
        }
        self.is_fine().then_some(admin)
    }

    fn refuse_change(&mut self, error: ChangeError) -> Result<(), PageError> {
        let reason = sentence(&error.to_string());
        match error {
            ChangeError::LastOwner => self.role.refuse(reason),
            ChangeError::EmailTaken => self.email.refuse(reason),
            other => return Err(other.into()),
        }
        Ok(())
    }

    fn is_fine(&self) -> bool {
        let fields = [&self.email, &self.role, &self.password];
        fields.iter().all(|field| field.error.is_none())
    }
}

/// What a form shows of an admin, in one short value.
fn fingerprint(admin: &Admin) -> Result<String, PageError> {
    seen::fingerprint(&(&admin.email, admin.role))
}

fn changes(before: &Admin, after: &Admin, password: bool) -> Vec<String> {
    let mut changes = Vec::new();
    if before.email != after.email {
        changes.push(format!("e-mail address to {}", after.email));
    }
    if before.role != after.role {
        changes.push(format!("role to {}", after.role.as_str()));
    }
    if password {
        changes.push("password".to_owned());
    }
    changes
}
