//! What every endpoint keeps to, whatever its handler does: the head of a request has bounds, and a
//! panic is an answer like any other. Pages are told in HTML, machines in JSON.

use std::panic::AssertUnwindSafe;

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use futures_util::FutureExt;

use super::{json, page_error::PageError, pages::Problem};
use crate::protocol::OAuthError;

/// The most bytes of an address with its query; the longest legal `state` fits well.
pub const MAX_ADDRESS_BYTES: usize = 32 * 1024;
/// The most bytes of all header names and values.
pub const MAX_HEADER_BYTES: usize = 32 * 1024;

/// Who asks at an endpoint, and so in which format it says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// A person in a browser.
    People,
    /// A platform, a chatbot, a resource server.
    Machines,
}

/// Why a handler's own answer is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    LongAddress,
    LargeHeaders,
    Panicked,
}

/// Calls the handler within these bounds.
pub async fn keep(
    audience: Audience,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Some(trouble) = excess(&request) {
        let (asked, _payload) = request.into_parts();
        return Ok(ServiceResponse::new(asked, trouble.answer(audience)));
    }
    let asked = request.request().clone();
    // Whatever the handler had begun is dropped with it, so nothing half-changed is seen again.
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(answered) => answered.map(ServiceResponse::map_into_boxed_body),
        Err(_told_by_the_panic_hook) => Ok(ServiceResponse::new(
            asked,
            Trouble::Panicked.answer(audience),
        )),
    }
}

fn excess(request: &ServiceRequest) -> Option<Trouble> {
    let address = request.uri().path_and_query();
    if address.is_some_and(|address| address.as_str().len() > MAX_ADDRESS_BYTES) {
        return Some(Trouble::LongAddress);
    }
    let sizes = request.headers().iter();
    let bytes: usize = sizes
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    (bytes > MAX_HEADER_BYTES).then_some(Trouble::LargeHeaders)
}

impl Trouble {
    fn answer(self, audience: Audience) -> HttpResponse {
        match audience {
            Audience::People => HttpResponse::from_error(PageError::from(self)),
            Audience::Machines => json::oauth_error(&self.into()),
        }
    }
}

impl From<Trouble> for PageError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::LongAddress => Problem::LongAddress.into(),
            Trouble::LargeHeaders => Problem::LargeHeaders.into(),
            Trouble::Panicked => Self::internal(anyhow::anyhow!("a handler panicked")),
        }
    }
}

impl From<Trouble> for OAuthError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::LongAddress => {
                Self::invalid_request("the address is too long").with_status(414)
            }
            Trouble::LargeHeaders => {
                Self::invalid_request("the headers are too large").with_status(431)
            }
            Trouble::Panicked => Self::server_error(anyhow::anyhow!("a handler panicked")),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App, HttpResponse,
        http::StatusCode,
        middleware::from_fn,
        test::{TestRequest, call_service, init_service, read_body},
        web::{get, resource},
    };

    use super::*;

    async fn broken() -> HttpResponse {
        panic!("a bug")
    }

    #[actix_web::test]
    async fn a_panic_of_a_handler_is_a_500_in_the_endpoints_own_format() {
        let bounded = |audience| {
            let keep = move |request, next| keep(audience, request, next);
            resource(if audience == Audience::People {
                "/page"
            } else {
                "/call"
            })
            .route(get().to(broken))
            .wrap(from_fn(keep))
        };
        let app = App::new()
            .service(bounded(Audience::People))
            .service(bounded(Audience::Machines));
        let app = init_service(app).await;
        let page = call_service(&app, TestRequest::get().uri("/page").to_request()).await;
        assert_eq!(page.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let error = page.response().error().unwrap();
        assert!(
            error.as_error::<PageError>().is_some(),
            "drawn as a page by `render`"
        );
        let call = call_service(&app, TestRequest::get().uri("/call").to_request()).await;
        assert_eq!(call.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = read_body(call).await;
        assert!(body.starts_with(b"{\"error\":\"server_error\""), "{body:?}");
    }
}
