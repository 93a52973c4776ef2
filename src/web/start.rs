//! The start page, the privacy policy, and the answers to addresses that don't exist.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::{
    frame::LanguageLink,
    page::{self, see_other},
    page_error::PageError,
    pages::{HomePage, PrivacyPage, Problem},
    state::AppState,
    time::Day,
};

/// `GET /`
pub async fn home(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let mut frame = page::frame(&request, &state, None);
    frame.languages = LanguageLink::to_page("/", &[], frame.words.lang());
    page::html(&HomePage { frame }, &[], &request, &state)
}

/// `GET /privacy`: the operator's policy, here or where they keep it.
pub async fn privacy(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    let branding = state.branding.get();
    if let Some(url) = &branding.privacy_url {
        return Ok(see_other(url));
    }
    let mut frame = page::frame(&request, &state, None);
    frame.languages = LanguageLink::to_page("/privacy", &[], frame.words.lang());
    let changed = Day::of(branding.privacy_changed_at, frame.words);
    let page = PrivacyPage::new(frame, &branding.privacy_text, Some(changed));
    page::html(&page, &[], &request, &state)
}

/// An address that leads nowhere.
pub async fn not_found() -> Result<HttpResponse, PageError> {
    Err(Problem::NotFound.into())
}
