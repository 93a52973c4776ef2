//! The door of every page of the console: who comes in, as what, and with which form. A handler that
//! takes [`Opened`], [`Posted`] or [`Uploaded`] can't forget to ask.

mod upload;

use std::{future::Future, marker::PhantomData, pin::Pin};

use actix_web::{
    Error, FromRequest, HttpRequest, HttpResponse, dev, error::InternalError, web::Data,
    web::Payload,
};

use super::{
    AdminRole,
    chrome::{ForbiddenPage, SignedOutPage},
    console::Console,
    login, own, session,
};
use crate::{
    event::Recorder,
    web::{
        body,
        browser::Browser,
        csrf::BoundTo,
        form::PostedForm,
        page::{self, see_other},
        page_error::PageError,
        state::AppState,
    },
};

pub use self::upload::Uploaded;

/// The most bytes a form of the console may have: a privacy policy in Korean, percent-encoded.
const MAX_FORM_BYTES: usize = 256 * 1024;

/// The least role a page asks for.
pub trait AtLeast: 'static {
    /// Which one.
    const ROLE: AdminRole;
    /// Whether it is open to who has to get a second factor first.
    const BEFORE_ENROLMENT: bool = false;
}

/// Every admin may, even one who has to get a second factor first.
pub enum Oneself {}
/// Every admin may.
pub enum Viewer {}
/// Operators and owners may.
pub enum Operator {}
/// Owners may.
pub enum Owner {}

impl AtLeast for Oneself {
    const ROLE: AdminRole = AdminRole::Viewer;
    const BEFORE_ENROLMENT: bool = true;
}
impl AtLeast for Viewer {
    const ROLE: AdminRole = AdminRole::Viewer;
}
impl AtLeast for Operator {
    const ROLE: AdminRole = AdminRole::Operator;
}
impl AtLeast for Owner {
    const ROLE: AdminRole = AdminRole::Owner;
}

/// A page asked for by an admin of that role. Nobody signed in: to the sign-in page and back.
pub struct Opened<Role> {
    /// Who and where.
    pub console: Console,
    role: PhantomData<Role>,
}

/// A form of ours posted by an admin of that role. Nobody signed in: 403, and nothing was read.
pub struct Posted<Role> {
    /// Who and where.
    pub console: Console,
    /// What was posted, proven to come from this session.
    pub form: PostedForm,
    role: PhantomData<Role>,
}

/// What an extractor works on.
type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

impl<Role: AtLeast> FromRequest for Opened<Role> {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _payload: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let Some(console) = enter(&request).await? else {
                return Err(answer(see_other(&login::address(&request))));
            };
            Ok(Self {
                console: console.allowed::<Role>()?,
                role: PhantomData,
            })
        })
    }
}

impl<Role: AtLeast> FromRequest for Posted<Role> {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        let body = Payload::from_request(&request, payload).into_inner();
        Box::pin(async move {
            let Some(console) = enter(&request).await? else {
                return Err(answer(signed_out(&request)?));
            };
            let console = console.allowed::<Role>()?;
            let body = body::read(body?, MAX_FORM_BYTES)
                .await
                .map_err(PageError::from)?;
            let (state, now) = (&console.state, console.now);
            let form =
                PostedForm::receive(&body, BoundTo::AdminSession, &request, state, now).await?;
            Ok(Self {
                console,
                form,
                role: PhantomData,
            })
        })
    }
}

impl Console {
    fn allowed<Role: AtLeast>(self) -> Result<Self, Error> {
        if self.must_enrol && !Role::BEFORE_ENROLMENT {
            return Err(answer(see_other(own::APP)));
        }
        let role = Role::ROLE;
        if self.admin.role >= role {
            return Ok(self);
        }
        let page = ForbiddenPage {
            chrome: self.chrome(None),
            needed: role.as_str(),
        };
        Err(answer(self.forbidden(&page)?))
    }
}

async fn enter(request: &HttpRequest) -> Result<Option<Console>, Error> {
    let state = Data::<AppState>::extract(request).await?;
    let recorder = Data::<Recorder>::extract(request).await?;
    let now = state.clock.now();
    let seated = session::signed_in(request, &state, now)
        .await
        .map_err(PageError::from)?;
    Ok(seated.map(|seated| Console {
        browser: Browser::known_or_new(request, &state),
        request: request.clone(),
        recorder,
        admin: seated.admin,
        must_enrol: seated.must_enrol,
        now,
        state,
    }))
}

fn signed_out(request: &HttpRequest) -> Result<HttpResponse, Error> {
    let state = request
        .app_data::<Data<AppState>>()
        .ok_or_else(|| PageError::internal(anyhow::anyhow!("the server has no state")))?;
    let page = SignedOutPage {
        sign_in: login::address(request),
    };
    let mut response = page::html(&page, &[], request, state)?;
    *response.status_mut() = actix_web::http::StatusCode::FORBIDDEN;
    Ok(response)
}

/// `GET` of an address that forms are posted to and no page is at: a sign-in after a timeout leads
/// back there, and on to the page that has the form.
#[tracing::instrument(name = "admin.up", skip_all)]
pub async fn up(opened: Opened<Viewer>) -> HttpResponse {
    let path = opened.console.request.path();
    see_other(
        path.rsplit_once('/')
            .map_or(login::HOME, |(above, _)| above),
    )
}

/// Actix knows only errors as the way out of an extractor.
fn answer(response: HttpResponse) -> Error {
    InternalError::from_response("the console's door", response).into()
}
