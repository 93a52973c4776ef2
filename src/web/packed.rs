//! Files that are sent often: compressed once, for whoever takes them so. Never a page: its size would
//! tell of what it holds (BREACH).

use std::io::Write;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{self, AcceptEncoding, Encoding, Header},
    web::Bytes,
};
use flate2::{Compression, write::GzEncoder};

/// A text as it is, and compressed.
#[derive(Debug, Clone)]
pub struct Packed {
    plain: Bytes,
    gzip: Option<Bytes>,
}

impl Packed {
    /// Compresses the text.
    pub fn new(text: impl Into<Bytes>) -> Self {
        let plain = text.into();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let gzip = encoder.write_all(&plain).and_then(|()| encoder.finish());
        Self {
            gzip: gzip.ok().map(Bytes::from),
            plain,
        }
    }

    /// The text alone, where compressing it costs more than it saves.
    pub fn plain(text: impl Into<Bytes>) -> Self {
        Self {
            plain: text.into(),
            gzip: None,
        }
    }

    /// The answer in the form that the browser takes.
    pub fn answer(&self, mut response: HttpResponseBuilder, request: &HttpRequest) -> HttpResponse {
        response.insert_header((header::VARY, "accept-encoding"));
        match &self.gzip {
            Some(gzip) if takes_gzip(request) => response
                .insert_header((header::CONTENT_ENCODING, "gzip"))
                .body(gzip.clone()),
            _ => response.body(self.plain.clone()),
        }
    }
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let known = [Encoding::gzip(), Encoding::identity()];
    AcceptEncoding::parse(request)
        .is_ok_and(|accepted| accepted.negotiate(known.iter()) == Some(Encoding::gzip()))
}
