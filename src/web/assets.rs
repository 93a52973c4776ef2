//! The stylesheet, the scripts and the icon: in the binary, addressed with its version, cached.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse, http::header, web::Path};

use super::{packed::Packed, page_error::PageError, pages::Problem};

/// What every page is drawn with, unless its client has colours of its own.
pub const STYLESHEET: &str = include_str!("../../static/linkgate.css");
/// The type of a stylesheet.
pub const CSS: &str = "text/css; charset=utf-8";

const FILES: [(&str, &str, &str); 5] = [
    ("linkgate.css", CSS, STYLESHEET),
    (
        "people.js",
        "text/javascript; charset=utf-8",
        include_str!("../../static/people.js"),
    ),
    (
        "passkey.js",
        "text/javascript; charset=utf-8",
        include_str!("../../static/passkey.js"),
    ),
    (
        "console.js",
        "text/javascript; charset=utf-8",
        include_str!("../../static/console.js"),
    ),
    (
        "favicon.svg",
        "image/svg+xml",
        include_str!("../../static/favicon.svg"),
    ),
];

/// The same, compressed when the first of them is asked for.
static PACKED: LazyLock<[(&str, &str, Packed); 5]> =
    LazyLock::new(|| FILES.map(|(name, media_type, text)| (name, media_type, Packed::new(text))));

/// `GET /static/{file}`
pub async fn get(file: Path<String>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let found = PACKED.iter().find(|(name, _, _)| *name == file.as_str());
    let (_, media_type, packed) = found.ok_or(Problem::NotFound)?;
    let mut response = HttpResponse::Ok();
    response
        .content_type(*media_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"));
    Ok(packed.answer(response, &request))
}
