//! The door for files: a form with one, read whole and bounded.

use std::{convert::Infallible, marker::PhantomData};

use actix_web::{
    Error, FromRequest, HttpRequest, dev,
    http::header,
    web::{Bytes, Payload},
};
use futures_util::stream;
use multer::Multipart;

use super::{AtLeast, Extracting, answer, enter, signed_out};
use crate::{
    admin::console::Console,
    web::{
        body,
        csrf::{self, BoundTo},
        page_error::PageError,
    },
};

/// The most bytes of a form with a file. A file that is only somewhat too large for what it is meant for
/// is told so by whoever takes it.
const MAX_UPLOAD_BYTES: usize = 2 * 1024 * 1024;
/// The most fields of one.
const MAX_FIELDS: usize = 8;

/// A file posted by an admin of that role, with a form of ours. Nobody signed in: 403, and nothing was
/// read.
pub struct Uploaded<Role> {
    /// Who and where.
    pub console: Console,
    /// What was chosen; empty if nothing was.
    pub file: Bytes,
    role: PhantomData<Role>,
}

impl<Role: AtLeast> FromRequest for Uploaded<Role> {
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
            let body = body::read(body?, MAX_UPLOAD_BYTES)
                .await
                .map_err(PageError::from)?;
            let parts = Parts::read(body, &request).await?;
            let bound_to = BoundTo::AdminSession;
            let (state, now) = (&console.state, console.now);
            csrf::check(parts.csrf.as_deref(), bound_to, &request, state, now).await?;
            Ok(Self {
                console,
                file: parts.file,
                role: PhantomData,
            })
        })
    }
}

#[derive(Default)]
struct Parts {
    csrf: Option<String>,
    file: Bytes,
}

impl Parts {
    /// A form of another type carries no token either, and is refused for that.
    async fn read(body: Bytes, request: &HttpRequest) -> Result<Self, PageError> {
        let media_type = request.headers().get(header::CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        let Ok(boundary) = multer::parse_boundary(media_type.unwrap_or_default()) else {
            return Ok(Self::default());
        };
        let body = stream::iter([Ok::<_, Infallible>(body)]);
        let parts = Self::take(Multipart::new(body, boundary)).await;
        parts.map_err(|_| PageError::Unreadable("the form with the file is not whole".to_owned()))
    }

    async fn take(mut form: Multipart<'_>) -> multer::Result<Self> {
        let mut parts = Self::default();
        for _ in 0..MAX_FIELDS {
            let Some(field) = form.next_field().await? else {
                break;
            };
            match field.name() {
                Some("csrf") => parts.csrf = Some(field.text().await?),
                Some("file") => parts.file = field.bytes().await?,
                _ => {}
            }
        }
        Ok(parts)
    }
}
