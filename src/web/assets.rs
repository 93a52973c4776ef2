//! The stylesheet, the scripts and the icon: in the binary, addressed with its version, cached.

use actix_web::{HttpResponse, http::header, web::Path};

use super::{page_error::PageError, pages::Problem};

const FILES: [(&str, &str, &str); 4] = [
    (
        "linkgate.css",
        "text/css; charset=utf-8",
        include_str!("../../static/linkgate.css"),
    ),
    (
        "people.js",
        "text/javascript; charset=utf-8",
        include_str!("../../static/people.js"),
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

/// `GET /static/{file}`
pub async fn get(file: Path<String>) -> Result<HttpResponse, PageError> {
    let found = FILES.iter().find(|(name, _, _)| *name == file.as_str());
    let (_, media_type, text) = found.ok_or(Problem::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type(*media_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .body(*text))
}
