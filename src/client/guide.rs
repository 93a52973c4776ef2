//! What to paste where: the fields of a platform's console, filled for one client.

use super::{
    Client,
    preset::{ConsoleFacts, ConsoleSection, ConsoleValue, Preset},
};
use crate::web::state::PublicUrl;

/// What the fields of one client's consoles are filled from.
pub struct Guide<'a> {
    /// The client.
    pub client: &'a Client,
    /// Where this server is reached.
    pub public_url: &'a PublicUrl,
    /// Whether the service has a privacy policy at `/privacy`.
    pub has_privacy_page: bool,
    /// The names of the client's actions.
    pub actions: &'a [String],
}

impl Guide<'_> {
    /// The platform's forms in their order; none for a preset this version doesn't know.
    pub fn sections(&self) -> Vec<ConsoleSection> {
        let Some(preset) = Preset::find(&self.client.preset) else {
            return Vec::new();
        };
        let settings = &self.client.settings;
        let own_privacy = settings.privacy_url.clone();
        let privacy_url = own_privacy.or_else(|| {
            self.has_privacy_page
                .then(|| self.public_url.join("/privacy"))
        });
        let facts = ConsoleFacts {
            public_url: self.public_url.issuer(),
            client_id: self.client.id.as_str(),
            client_auth: preset.client_auth,
            scopes: &self.client.scopes,
            redirect_uris: &self.client.redirect_uris,
            privacy_url: privacy_url.as_deref().unwrap_or_default(),
            account_page_url: &self.public_url.join("/account"),
            access_lifetime_seconds: settings
                .access_lifetime
                .num_seconds()
                .try_into()
                .unwrap_or_default(),
            extension_id: settings.extension_id.as_deref(),
            login_guide_message: Some(&settings.login_guide_message),
            login_success_message: Some(&settings.login_success_message),
            actions: self.actions,
        };
        preset.console_fields(&facts)
    }

    /// The filled fields as one list; with the secret while it is known, and without a place for one
    /// where the client has none.
    pub fn values(&self, secret: Option<&str>) -> Vec<ConsoleValue> {
        let sections = self.sections().into_iter();
        let fields = sections.flat_map(|section| section.fields);
        let filled = fields.filter(|field| !field.value.is_empty());
        let shown = filled.filter(|field| self.client.has_secret() || !field.secret());
        shown
            .map(|field| ConsoleValue {
                label: field.heading(),
                value: match secret {
                    Some(secret) if field.secret() => secret.to_owned(),
                    _ => field.value,
                },
            })
            .collect()
    }
}
