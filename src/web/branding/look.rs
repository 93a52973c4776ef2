//! What a page of a client's flow wears.

use super::{
    client::{self, ClientBranding},
    files,
    palette::Accents,
};
use crate::web::frame::Frame;

/// A client's branding as its pages need it: addresses and names, nothing to be worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientLook {
    /// Its colours, if it has its own.
    pub accents: Option<Accents>,
    service_name: Option<String>,
    stylesheet: Option<String>,
    logo: Option<String>,
    terms_url: Option<String>,
    privacy_url: Option<String>,
    contact: Option<String>,
}

impl ClientLook {
    /// The look of a client with that branding, and that privacy policy among its settings.
    pub fn new(branding: ClientBranding, privacy_url: Option<String>) -> Self {
        let accents = branding.accents();
        Self {
            accents,
            service_name: branding.name,
            stylesheet: accents.map(files::stylesheet_address),
            logo: branding.logo.as_deref().map(files::logo_address),
            terms_url: branding.terms_url,
            privacy_url,
            contact: branding.contact.as_deref().and_then(client::address),
        }
    }

    /// Changes what the client has otherwise than the service.
    pub fn dress(&self, frame: &mut Frame) {
        let own = |place: &mut String, own: &Option<String>| {
            if let Some(own) = own {
                own.clone_into(place);
            }
        };
        own(&mut frame.service_name, &self.service_name);
        own(&mut frame.stylesheet, &self.stylesheet);
        if self.privacy_url.is_some() {
            frame.privacy_url.clone_from(&self.privacy_url);
        }
        frame.logo.clone_from(&self.logo);
        frame.terms_url.clone_from(&self.terms_url);
        frame.contact.clone_from(&self.contact);
    }
}
