//! From a page's template to the answer.

use actix_web::{HttpMessage, HttpRequest, HttpResponse, cookie::Cookie, http::header};
use askama::Template;
use chrono::TimeDelta;
use url::form_urlencoded;

use super::{
    cookies::CookieName,
    flow::FlowIdentity,
    frame::{self, Frame},
    headers,
    i18n::{Lang, Words},
    page_error::PageError,
    state::AppState,
};

/// A chosen language is remembered this long.
const LANGUAGE_REMEMBERED: TimeDelta = TimeDelta::days(365);

/// A parameter of the page's own address, where it is there once and not empty. What others look like
/// is nobody's business: links get things appended on their way.
pub fn query_value(request: &HttpRequest, name: &str) -> Option<String> {
    let query = request.query_string().as_bytes();
    let mut values = form_urlencoded::parse(query).filter(|(other, _)| other == name);
    let (_, value) = values.next()?;
    let usable = values.next().is_none() && !value.is_empty() && !value.contains('\0');
    usable.then(|| value.into_owned())
}

/// The language chosen on this very request (`?lang=`), if any.
pub fn chosen_language(request: &HttpRequest) -> Option<Lang> {
    Lang::parse(&query_value(request, "lang")?)
}

/// The words of the language a person wants: chosen now, chosen before, named by the platform, or
/// named by the browser.
pub fn words(request: &HttpRequest, state: &AppState, named_by_platform: Option<&str>) -> Words {
    let chosen = chosen_language(request).map(Lang::tag);
    let remembered = CookieName::Language.read(request, &state.public_url);
    let accepted = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    Words::new(Lang::pick(
        &[chosen, remembered.as_deref(), named_by_platform, accepted],
        Lang::En,
    ))
}

/// The frame of a page: as the client has it whose flow the request was seen to be part of, otherwise as
/// the service has it.
pub fn frame(request: &HttpRequest, state: &AppState, named_by_platform: Option<&str>) -> Frame {
    let branding = state.branding.get();
    let mut frame = Frame {
        words: words(request, state, named_by_platform),
        service_name: branding.name.clone(),
        bond: None,
        languages: Vec::new(),
        privacy_url: branding.privacy_link(),
        stylesheet: frame::stylesheet(),
        logo: None,
        terms_url: None,
        contact: None,
    };
    let extensions = request.extensions();
    let flow = extensions.get::<FlowIdentity>();
    if let Some(look) = flow.and_then(|flow| state.branding.look(&flow.client_id)) {
        look.dress(&mut frame);
    }
    frame
}

/// A page, remembering a language chosen with it. `form_targets` are further origins its forms may
/// lead to.
pub fn html(
    page: &impl Template,
    form_targets: &[&str],
    request: &HttpRequest,
    state: &AppState,
) -> Result<HttpResponse, PageError> {
    let body = page
        .render()
        .map_err(|error| PageError::internal(anyhow::Error::from(error)))?;
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/html; charset=utf-8")
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            headers::page_policy(form_targets),
        ));
    if let Some(lang) = chosen_language(request) {
        let cookie = CookieName::Language.cookie(
            lang.tag().to_owned(),
            Some(LANGUAGE_REMEMBERED),
            &state.public_url,
        );
        response.cookie(cookie);
    }
    Ok(response.body(body))
}

/// An address of ours with a query; whatever the values are, it stays one.
pub fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    format!("{path}?{}", pairs.extend_pairs(query).finish())
}

/// A redirect that never repeats a post (RFC 9700 §4.12).
pub fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, location))
        .finish()
}

/// The answer with a cookie to set, if there is one.
pub fn with_cookie(
    mut response: HttpResponse,
    cookie: Option<Cookie<'static>>,
) -> Result<HttpResponse, PageError> {
    if let Some(cookie) = cookie {
        let added = response.add_cookie(&cookie);
        added.map_err(|error| PageError::internal(anyhow::anyhow!("{error}")))?;
    }
    Ok(response)
}
