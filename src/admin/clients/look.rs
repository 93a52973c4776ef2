//! `/admin/clients/{id}/look`: how the pages of a client's flows differ from the service's own.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use serde::Serialize;
use sqlx::PgConnection;

use super::{address, find};
use crate::{
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        field::{Field, sentence},
        flash::Done,
        guard::{Opened, Operator, Posted, Uploaded, Viewer},
        seen,
    },
    client::{Client, preset::Preset, store::lock_client},
    foundation::ids::ClientId,
    web::{
        branding::{
            client::{ClientBranding, Refused, Setting, Typed},
            colour::Colour,
            logo::{Logo, NotALogo},
            look::ClientLook,
            palette::Scheme,
            store::{find_client_branding, save_client_branding},
        },
        form::PostedForm,
        frame::{Bond, Frame},
        page,
        page_error::PageError,
        pages::Problem,
    },
};

#[derive(Debug, Template)]
#[template(path = "admin/clients/look.html")]
struct LookPage {
    chrome: Chrome,
    here: String,
    client: Client,
    form: LookForm,
    problems: Vec<(&'static str, String)>,
    /// What is stored, as people see it.
    frame: Frame,
    schemes: Vec<SchemeLine>,
    has_logo: bool,
    has_any: bool,
}

/// What the stored accent comes to in one scheme.
#[derive(Debug)]
struct SchemeLine {
    name: &'static str,
    fill: Colour,
    derived: bool,
    on_page: String,
    ink: String,
}

/// The form as it was typed.
#[derive(Debug, Default)]
struct LookForm {
    name: Field,
    accent: Field,
    accent_dark: Field,
    terms_url: Field,
    contact: Field,
    logo: Field,
    /// What the branding was when the form was drawn.
    seen: String,
    /// Set where it has been changed since.
    changed_meanwhile: bool,
}

/// `GET /admin/clients/{id}/look`
#[tracing::instrument(name = "admin.clients.look", skip_all)]
pub async fn show(opened: Opened<Viewer>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let client = find(&console, id.into_inner()).await?;
    let branding = find_client_branding(&console.state.db, &client.id).await?;
    let form = LookForm::of(&branding)?;
    console.page(&page_of(&console, client, branding, form))
}

/// `POST /admin/clients/{id}/look`: saves what was typed, or takes away the logo or everything.
#[tracing::instrument(name = "admin.clients.look.save", skip_all)]
pub async fn submit(posted: Posted<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = posted;
    let id = ClientId(id.into_inner());
    let mut transaction = console.state.db.begin().await?;
    let (client, before) = lock(&mut transaction, &id).await?;
    let mut typed = LookForm::read(&form);
    let after = match form.text("do") {
        "reset" => ClientBranding::default(),
        "remove_logo" => ClientBranding {
            logo: None,
            ..before.clone()
        },
        _ => {
            let after = typed.apply(&before)?;
            let Some(after) = after else {
                drop(transaction);
                return console.refused(&page_of(&console, client, before, typed));
            };
            after
        }
    };
    save_client_branding(&mut transaction, &id, &after, None, console.now).await?;
    transaction.commit().await?;
    saved(&console, &client, &before, &after).await
}

/// `POST /admin/clients/{id}/look/logo`
#[tracing::instrument(name = "admin.clients.look.logo", skip_all)]
pub async fn upload(
    uploaded: Uploaded<Operator>,
    id: Path<String>,
) -> Result<HttpResponse, PageError> {
    let Uploaded { console, file, .. } = uploaded;
    let id = find(&console, id.into_inner()).await?.id;
    // Drawing takes its time; nothing is locked meanwhile.
    let drawn = Logo::draw(file).await;
    let mut transaction = console.state.db.begin().await?;
    let (client, before) = lock(&mut transaction, &id).await?;
    let logo = match drawn {
        Ok(logo) => logo,
        Err(reason) => {
            drop(transaction);
            return refuse_logo(&console, client, before, &reason);
        }
    };
    let after = ClientBranding {
        logo: Some(logo.id.clone()),
        ..before.clone()
    };
    save_client_branding(&mut transaction, &id, &after, Some(&logo), console.now).await?;
    transaction.commit().await?;
    saved(&console, &client, &before, &after).await
}

fn refuse_logo(
    console: &Console,
    client: Client,
    before: ClientBranding,
    reason: &NotALogo,
) -> Result<HttpResponse, PageError> {
    let mut form = LookForm::of(&before)?;
    form.logo.refuse(sentence(&reason.to_string()));
    console.refused(&page_of(console, client, before, form))
}

/// The client and what it has of its own, which nobody else changes until the transaction ends.
async fn lock(db: &mut PgConnection, id: &ClientId) -> Result<(Client, ClientBranding), PageError> {
    let client = lock_client(&mut *db, id).await?.ok_or(Problem::NotFound)?;
    let branding = find_client_branding(&mut *db, id).await?;
    Ok((client, branding))
}

async fn saved(
    console: &Console,
    client: &Client,
    before: &ClientBranding,
    after: &ClientBranding,
) -> Result<HttpResponse, PageError> {
    console.state.branding.reload(&console.state.db).await?;
    let differences = before.differences(after);
    if !differences.is_empty() {
        let detail = format!("client changed: {}", differences.join(", "));
        console.record(detail, |event| event.client(&client.id));
    }
    Ok(console.done(&address(client, "/look"), Done::LookSaved))
}

fn page_of(
    console: &Console,
    client: Client,
    branding: ClientBranding,
    form: LookForm,
) -> LookPage {
    let mut frame = page::frame(&console.request, &console.state, None);
    let platform = Preset::find(&client.preset).map_or(&*client.name, |preset| preset.platform);
    frame.bond = Some(Bond::to(platform));
    let (has_logo, has_any) = (
        branding.logo.is_some(),
        branding != ClientBranding::default(),
    );
    let schemes = scheme_lines(&branding);
    ClientLook::new(branding, client.settings.privacy_url.clone()).dress(&mut frame);
    LookPage {
        chrome: console.chrome(Some(Section::Clients)),
        here: address(&client, ""),
        problems: form.problems(),
        client,
        form,
        frame,
        schemes,
        has_logo,
        has_any,
    }
}

fn scheme_lines(branding: &ClientBranding) -> Vec<SchemeLine> {
    let Some(accents) = branding.accents() else {
        return Vec::new();
    };
    let line = |scheme: Scheme| {
        let shades = accents.shades(scheme);
        let written = if shades.ink == Colour::WHITE {
            "white"
        } else {
            "black"
        };
        SchemeLine {
            name: scheme.as_str(),
            fill: shades.fill,
            derived: scheme == Scheme::Dark && branding.accent_dark.is_none(),
            on_page: format!("{:.1}", scheme.contrast(shades.fill)),
            ink: format!("{written}, {:.1} : 1", shades.ink.contrast(shades.fill)),
        }
    };
    vec![line(Scheme::Light), line(Scheme::Dark)]
}

impl LookForm {
    fn of(branding: &ClientBranding) -> Result<Self, PageError> {
        let typed = Typed::of(branding);
        Ok(Self {
            seen: fingerprint(branding)?,
            ..Self::shown(typed)
        })
    }

    fn shown(typed: Typed) -> Self {
        Self {
            name: Field::new(typed.name),
            accent: Field::new(typed.accent),
            accent_dark: Field::new(typed.accent_dark),
            terms_url: Field::new(typed.terms_url),
            contact: Field::new(typed.contact),
            ..Self::default()
        }
    }

    fn read(form: &PostedForm) -> Self {
        let text = |name| form.text(name).to_owned();
        let typed = Typed {
            name: text("name"),
            accent: text("accent"),
            accent_dark: text("accent_dark"),
            terms_url: text("terms_url"),
            contact: text("contact"),
        };
        Self {
            seen: text("seen"),
            ..Self::shown(typed)
        }
    }

    /// The branding as the form wants it, with the logo it has; `None` where a field says why not, or
    /// where it is not any more what the form was drawn from.
    fn apply(&mut self, before: &ClientBranding) -> Result<Option<ClientBranding>, PageError> {
        let now_seen = fingerprint(before)?;
        self.changed_meanwhile = self.seen != now_seen;
        self.seen = now_seen;
        if self.changed_meanwhile {
            return Ok(None);
        }
        let value = |field: &Field| field.value.clone();
        let typed = Typed {
            name: value(&self.name),
            accent: value(&self.accent),
            accent_dark: value(&self.accent_dark),
            terms_url: value(&self.terms_url),
            contact: value(&self.contact),
        };
        match typed.read(before.logo.clone()) {
            Ok(after) => Ok(Some(after)),
            Err(refused) => {
                for reason in &refused {
                    self.refuse(reason);
                }
                Ok(None)
            }
        }
    }

    fn refuse(&mut self, refused: &Refused) {
        let field = match refused.setting() {
            Setting::Name => &mut self.name,
            Setting::Accent => &mut self.accent,
            Setting::AccentDark => &mut self.accent_dark,
            Setting::TermsUrl => &mut self.terms_url,
            Setting::Contact => &mut self.contact,
        };
        field.refuse(sentence(&refused.to_string()));
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("name", &self.name),
            ("accent", &self.accent),
            ("accent_dark", &self.accent_dark),
            ("terms_url", &self.terms_url),
            ("contact", &self.contact),
            ("file", &self.logo),
        ];
        let wrong = fields.into_iter();
        wrong
            .filter_map(|(name, field)| Some((name, field.error.clone()?)))
            .collect()
    }
}

/// What a form shows of the branding, in one short value.
fn fingerprint(branding: &ClientBranding) -> Result<String, PageError> {
    #[derive(Serialize)]
    struct Shown(String, String, String, String, String);
    let Typed {
        name,
        accent,
        accent_dark,
        terms_url,
        contact,
    } = Typed::of(branding);
    seen::fingerprint(&Shown(name, accent, accent_dark, terms_url, contact))
}
