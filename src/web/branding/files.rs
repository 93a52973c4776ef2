//! `/brand/…`: the stylesheet and the logo of clients that have their own. An address says all that is in
//! the file, so that every node can answer it and browsers ask but once.

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path},
};
use sha2::{Digest, Sha256};

use super::{colour::Colour, palette::Accents, store::find_logo};
use crate::web::{
    assets::{CSS, STYLESHEET},
    packed::Packed,
    page_error::PageError,
    pages::Problem,
    state::AppState,
};

/// For what is never anything else.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// For what another release draws otherwise.
const AGAIN: &str = "no-cache";

/// Stands in addresses for what the colours are added to.
static BASE: LazyLock<String> = LazyLock::new(|| {
    let hash = Sha256::digest(STYLESHEET);
    let start = hash.first_chunk().copied().unwrap_or_default();
    format!("{:08x}", u32::from_be_bytes(start))
});

/// The address of the stylesheet with these accents.
pub fn stylesheet_address(accents: Accents) -> String {
    let (light, dark) = (accents.light.digits(), accents.dark.digits());
    format!("/brand/{light}-{dark}-{}.css", *BASE)
}

/// The address of a logo.
pub fn logo_address(id: &str) -> String {
    format!("/brand/{id}.png")
}

/// The whole stylesheet with these accents.
pub fn stylesheet(accents: Accents) -> String {
    format!("{STYLESHEET}\n{}", accents.rules())
}

/// `GET /brand/{file}`
pub async fn get(
    state: Data<AppState>,
    request: HttpRequest,
    file: Path<String>,
) -> Result<HttpResponse, PageError> {
    match file.rsplit_once('.') {
        Some((name, "css")) => send_stylesheet(name, &request, &state),
        Some((id, "png")) => send_logo(id, &state).await,
        _ => Err(Problem::NotFound.into()),
    }
}

fn send_stylesheet(
    name: &str,
    request: &HttpRequest,
    state: &AppState,
) -> Result<HttpResponse, PageError> {
    let (accents, base) = parse(name).ok_or(Problem::NotFound)?;
    let mut response = HttpResponse::Ok();
    response.content_type(CSS);
    // While releases change, a page of one may ask a node of the other.
    let kept = if base == *BASE { FOR_GOOD } else { AGAIN };
    response.insert_header((header::CACHE_CONTROL, kept));
    let sheet = state.branding.sheet(accents);
    let sheet = sheet.unwrap_or_else(|| Packed::plain(stylesheet(accents)));
    Ok(sheet.answer(response, request))
}

fn parse(name: &str) -> Option<(Accents, &str)> {
    let mut parts = name.splitn(3, '-');
    let mut colour = || Colour::from_digits(parts.next()?).ok();
    let (light, dark) = (colour()?, colour()?);
    let base = parts.next()?;
    let is_hash = base.len() == 8 && base.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hash.then_some((Accents { light, dark }, base))
}

async fn send_logo(id: &str, state: &AppState) -> Result<HttpResponse, PageError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !id.bytes().all(plain) {
        return Err(Problem::NotFound.into());
    }
    let png = find_logo(&state.db, id).await?;
    let png = png.ok_or(Problem::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type("image/png")
        .insert_header((header::CACHE_CONTROL, FOR_GOOD))
        .body(png))
}
