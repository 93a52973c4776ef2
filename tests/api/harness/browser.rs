//! A person's browser: keeps cookies, follows nothing by itself.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use reqwest::{Client, RequestBuilder, redirect::Policy};
use url::Url;

use super::{Answer, Form, PASSWORD, Person, canary};

/// One browser. Clones share its cookies, as tabs do.
#[derive(Clone)]
pub struct Browser {
    base: String,
    http: Client,
    // Not reqwest's own jar: that would keep back `Secure` cookies from our plain loopback listener,
    // where in production a proxy ends the TLS.
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Browser {
    pub fn new(base: &str) -> Self {
        let http = Client::builder().redirect(Policy::none()).no_proxy();
        Self {
            base: base.to_owned(),
            http: http.build().unwrap(),
            cookies: Arc::default(),
        }
    }

    /// The same browser, whose next request reaches another node.
    pub fn at(&self, base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..self.clone()
        }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        let mut cookies = self.cookies.lock().unwrap();
        cookies.insert(name.to_owned(), value.to_owned());
    }

    pub fn forget_cookie(&self, name: &str) {
        self.cookies.lock().unwrap().remove(name);
    }

    /// Opens an address: a path of the server, or a full URL of it.
    pub async fn get(&self, address: &str) -> Answer {
        self.send(self.http.get(self.resolve(address))).await
    }

    /// Posts a form as it stands.
    pub async fn submit(&self, form: &Form) -> Answer {
        self.submit_with(form, &[]).await
    }

    /// Posts a form with these headers too.
    pub async fn submit_with(&self, form: &Form, headers: &[(&str, &str)]) -> Answer {
        canary::note_fields(&form.fields);
        let request = self
            .http
            .post(self.resolve(&form.action))
            .form(&form.fields);
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        self.send(request).await
    }

    /// Any request, with this browser's cookies.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let cookies = self.cookies.lock().unwrap().clone();
        let pairs: Vec<_> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = match pairs.as_slice() {
            [] => request,
            _ => request.header("cookie", pairs.join("; ")),
        };
        let answer = Answer::read(request.send().await.unwrap()).await;
        self.keep(&answer);
        answer
    }

    /// A request builder for [`Self::send`].
    pub fn request(&self, method: &str, address: &str) -> RequestBuilder {
        let method = method.parse().unwrap();
        self.http.request(method, self.resolve(address))
    }

    fn resolve(&self, address: &str) -> String {
        match address.strip_prefix('/') {
            Some(path) => format!("{}/{path}", self.base),
            None => address.to_owned(),
        }
    }

    fn keep(&self, answer: &Answer) {
        let mut cookies = self.cookies.lock().unwrap();
        for set in answer.cookies() {
            let (pair, attributes) = set.split_once(';').unwrap_or((set, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Logs in at the page at `address`; gives what the form answered.
    pub async fn log_in_at(&self, address: &str, email: &str, password: &str) -> Answer {
        let form = self.get(address).await.form("/login");
        self.submit(&form.with("email", email).with("password", password))
            .await
    }

    /// Logs in outside any flow.
    pub async fn log_in(&self, person: &Person) {
        let answer = self.log_in_at("/login", &person.email, PASSWORD).await;
        assert_eq!(answer.location(), "/account");
    }

    /// Opens an authorization URL, logging in where it is asked for; gives the consent page.
    pub async fn consent_page(&self, person: &Person, authorization_url: &str) -> Answer {
        let answer = self.get(authorization_url).await;
        if answer.status == 200 {
            return answer;
        }
        let login = answer.location();
        assert!(login.starts_with("/login?flow="), "{answer:?}");
        let answer = self.log_in_at(login, &person.email, PASSWORD).await;
        let page = self.get(answer.location()).await;
        assert_eq!(page.status, 200, "{page:?}");
        page
    }

    /// Presses "approve" or "deny" on a consent page.
    pub async fn decide(&self, consent_page: &Answer, decision: &str) -> Answer {
        let form = consent_page.form("/consent").with("decision", decision);
        self.submit(&form).await
    }

    /// All the way from the authorization URL to the redirect with a code.
    pub async fn approve(&self, person: &Person, authorization_url: &str) -> Redirect {
        let page = self.consent_page(person, authorization_url).await;
        Redirect::of(&self.decide(&page, "approve").await)
    }
}

/// A redirect back to the platform, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The whole `Location`.
    pub location: String,
    /// Without the query.
    pub target: String,
    /// The query's parameters, decoded once.
    pub parameters: Vec<(String, String)>,
}

impl Redirect {
    #[track_caller]
    pub fn of(answer: &Answer) -> Self {
        let location = answer.location();
        let url = Url::parse(location).unwrap();
        Self {
            location: location.to_owned(),
            target: location.split('?').next().unwrap().to_owned(),
            parameters: url.query_pairs().into_owned().collect(),
        }
    }

    /// The only value of a parameter; one that comes twice fails the test.
    #[track_caller]
    pub fn get(&self, name: &str) -> Option<&str> {
        let values: Vec<_> = self
            .parameters
            .iter()
            .filter(|(known, _)| known == name)
            .collect();
        assert!(values.len() < 2, "{name} comes twice: {self:?}");
        values.first().map(|(_, value)| value.as_str())
    }

    /// The code.
    #[track_caller]
    pub fn code(&self) -> &str {
        self.get("code")
            .unwrap_or_else(|| panic!("no code: {self:?}"))
    }

    /// Fails unless this is that error for that `state`, with nothing of a success in it.
    #[track_caller]
    pub fn assert_error(&self, error: &str, state: Option<&str>) {
        assert_eq!(self.get("error"), Some(error), "{self:?}");
        assert_eq!(self.get("state"), state, "{self:?}");
        assert_eq!(self.get("code"), None, "{self:?}");
    }
}
