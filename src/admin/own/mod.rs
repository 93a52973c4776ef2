//! `/admin/sign-in`: what an admin is asked for beside the password. Where that is a rule, who has nothing
//! yet sees no other page.

pub mod app;
pub mod codes;
pub mod passkeys;

use actix_web::HttpResponse;
use askama::Template;

use super::{
    chrome::Chrome,
    console::Console,
    field::Field,
    guard::{Oneself, Opened},
    login::Attempt,
    when::When,
};
use crate::{
    account::{knock::Refused, password::Hasher},
    factor::{
        Owner,
        passkey::store::{ListedPasskey, list_passkeys},
        store::find_factors,
    },
    web::{form::PostedForm, page_error::PageError},
};

/// Where the page is.
pub const PATH: &str = "/admin/sign-in";
/// Where an app is added.
pub const APP: &str = "/admin/sign-in/app";

#[derive(Debug, Template)]
#[template(path = "admin/own.html")]
struct OwnPage {
    chrome: Chrome,
    app_since: Option<When>,
    passkeys: Vec<PasskeyRow>,
    /// Whether browsers make passkeys for this server.
    passkeys_work: bool,
    codes_left: Option<i64>,
    required: bool,
}

/// A passkey of the admin's.
#[derive(Debug)]
struct PasskeyRow {
    id: String,
    name: String,
    since: When,
    used: Option<When>,
}

/// Recovery codes, shown once.
#[derive(Debug, Template)]
#[template(path = "admin/codes.html")]
struct CodesPage {
    chrome: Chrome,
    codes: Vec<String>,
}

/// `GET /admin/sign-in`
#[tracing::instrument(name = "admin.own", skip_all)]
pub async fn show(opened: Opened<Oneself>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let (db, owner) = (&console.state.db, console.owner());
    let factors = find_factors(db, owner).await?;
    let row = |passkey: ListedPasskey| PasskeyRow {
        id: passkey.id.to_string(),
        name: passkey.name,
        since: When::new(passkey.created_at, console.now),
        used: passkey.last_used_at.map(|at| When::new(at, console.now)),
    };
    let passkeys = list_passkeys(db, owner).await?;
    console.page(&OwnPage {
        chrome: console.chrome(None),
        passkeys: passkeys.into_iter().map(row).collect(),
        passkeys_work: console.state.relying_party.is_some(),
        app_since: factors.app_since.map(|at| When::new(at, console.now)),
        codes_left: factors.any().then_some(factors.recovery_codes),
        required: console.state.admin_factor_required,
    })
}

impl Console {
    fn owner(&self) -> Owner {
        Owner::Admin(self.admin.id)
    }

    /// The field of the password that every change asks for again, with what was wrong with it.
    async fn confirmed(
        &self,
        form: &PostedForm,
        hasher: &Hasher,
    ) -> Result<Result<(), Field>, PageError> {
        let attempt = Attempt {
            email: &self.admin.email,
            password: form.parameters.get("password").unwrap_or_default(),
        };
        let (request, state, now) = (&self.request, &self.state, self.now);
        let checked = attempt.check_password(request, state, hasher, now).await?;
        let Err(refused) = checked else {
            return Ok(Ok(()));
        };
        let mut field = Field::default();
        field.refuse(match refused {
            Refused::Wrong(_) => "That password is not right.".to_owned(),
            Refused::TooMany { seconds } => {
                format!("Too many passwords were tried. Wait {seconds} s, then try again.")
            }
        });
        Ok(Err(field))
    }
}
