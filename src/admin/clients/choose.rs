//! The first step of a new client: which platform it is.

use actix_web::HttpResponse;
use askama::Template;

use crate::{
    admin::{
        chrome::{Chrome, Section},
        console::Console,
    },
    client::preset::Preset,
    web::page_error::PageError,
};

#[derive(Debug, Template)]
#[template(path = "admin/clients/choose.html")]
struct ChoosePage {
    chrome: Chrome,
    presets: &'static [Preset],
}

impl ChoosePage {
    /// What an admin should have at hand before beginning.
    fn needs(preset: &Preset) -> Option<String> {
        if preset.needs_redirect_uri() {
            return Some("its redirect URI".to_owned());
        }
        let required = preset.values.iter().filter(|value| value.required);
        let labels: Vec<_> = required.map(|value| value.label).collect();
        (!labels.is_empty()).then(|| labels.join(", "))
    }
}

/// The cards to choose from.
pub fn draw(console: &Console) -> Result<HttpResponse, PageError> {
    console.page(&ChoosePage {
        chrome: console.chrome(Some(Section::Clients)),
        presets: Preset::all(),
    })
}
