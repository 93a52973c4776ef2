//! What a person does on Linkgate's pages.

use url::Url;

use crate::{
    chrome::Chrome,
    harness::{PASSWORD, Person, Redirect, canary},
};

impl Chrome {
    /// Fills in the login form that is shown.
    pub async fn log_in(&self, person: &Person) {
        self.fill("#email", &person.email).await;
        self.fill("#password", PASSWORD).await;
        self.tap_through(".fields button").await;
    }

    /// Opens an authorization request and logs in: what follows is the consent page.
    pub async fn come_to_consent(&self, person: &Person, authorization_url: &str) {
        self.go(authorization_url).await;
        self.log_in(person).await;
        self.find("button[value=approve]").await;
    }

    /// Waits to be led back to the platform.
    pub async fn come_back_to(&self, redirect_uri: &str) -> Redirect {
        let target = |url: &Url| {
            let text = url.as_str();
            text.split('?').next().unwrap_or(text) == redirect_uri
        };
        let url = self.arrive("the redirect to the platform", target).await;
        canary::note_query(&url);
        Redirect {
            location: url.to_string(),
            target: redirect_uri.to_owned(),
            parameters: url.query_pairs().into_owned().collect(),
        }
    }
}
