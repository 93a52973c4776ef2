//! A flow: a request to link on its way through the pages, sealed into their URLs and forms, so that
//! nothing is written before the person approves and any node can go on with it. It is bound to the
//! browser it began in.

use actix_web::{HttpMessage, HttpRequest};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{browser::BrowserMark, page, state::AppState};
use crate::foundation::{
    ids::{ClientId, FlowId},
    keys::{KeyId, KeyKind},
    seal,
    support_code::SupportCode,
};

const PURPOSE: &[u8] = b"flow";

/// What a slice seals into a flow of its own kind.
pub trait FlowRequest: Serialize + DeserializeOwned {
    /// The page that asks the person, where the flow goes on after a login. Each kind has another, and
    /// a flow opens as the kind it was sealed as.
    const PAGE: &'static str;
}

/// What every page of a flow may know, and the sealed request itself, which only the slice that
/// sealed it reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Flow {
    /// Its own random id; at approval it becomes the link's.
    pub id: FlowId,
    /// The code key in use when it began, so that approving twice derives the same code.
    pub code_key: KeyId,
    browser: [u8; 32],
    /// When it began, and until when it can be finished; Unix seconds.
    pub started_at: i64,
    /// See `started_at`.
    pub deadline: i64,
    /// Who asks.
    pub client_id: ClientId,
    /// The client's name, as people know it.
    pub platform: String,
    /// The platform's letter mark.
    pub mark: String,
    /// The BCP 47 language asked for, if any.
    pub language: Option<String>,
    request: Vec<u8>,
    page: String,
}

/// What history knows a flow by, whatever becomes of it.
#[derive(Debug, Clone)]
pub struct FlowIdentity {
    /// What error pages show.
    pub code: SupportCode,
    /// Who asks.
    pub client_id: ClientId,
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// The BCP 47 language asked for, if any.
    pub language: Option<String>,
    page: String,
}

/// Why a flow can't go on. Where it is one of ours, with the platform's name.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// Not sealed by us, or under a key that is gone.
    #[error("the flow is not one of ours")]
    Unreadable,
    /// Its time is up.
    #[error("the flow has expired")]
    Expired(String),
    /// Opened in another browser than it began in.
    #[error("the flow began in another browser")]
    OtherBrowser(String),
    /// Its key could not be looked up.
    #[error(transparent)]
    Unavailable(#[from] sqlx::Error),
}

/// What a new flow begins with.
pub struct Beginning<'a, R> {
    /// The browser it is bound to.
    pub browser: BrowserMark,
    /// Until when it can be finished.
    pub deadline: DateTime<Utc>,
    /// See [`Flow::client_id`].
    pub client_id: ClientId,
    /// See [`Flow::platform`].
    pub platform: String,
    /// See [`Flow::mark`].
    pub mark: String,
    /// See [`Flow::language`].
    pub language: Option<String>,
    /// What the slice that begins it wants back.
    pub request: &'a R,
}

impl Flow {
    /// Begins a flow.
    pub fn begin<R: FlowRequest>(
        beginning: Beginning<'_, R>,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            id: FlowId::random(&*state.random),
            code_key: state.keys.current(KeyKind::Code, now).id,
            browser: beginning.browser.0,
            started_at: now.timestamp(),
            deadline: beginning.deadline.timestamp(),
            client_id: beginning.client_id,
            platform: beginning.platform,
            mark: beginning.mark,
            language: beginning.language,
            request: postcard::to_allocvec(beginning.request)?,
            page: R::PAGE.to_owned(),
        })
    }

    /// Seals it for a URL or a form.
    pub fn seal(&self, state: &AppState, now: DateTime<Utc>) -> anyhow::Result<String> {
        let key = state.keys.current(KeyKind::Seal, now);
        let mut sealed = key.id.to_be_bytes().to_vec();
        sealed.extend(key.seal_key().seal(
            &postcard::to_allocvec(self)?,
            PURPOSE,
            &*state.random,
        )?);
        Ok(seal::to_text(&sealed))
    }

    /// Opens a sealed flow for the browser that presents it with this request, whose error page will
    /// then show the flow's support code.
    pub async fn open(
        text: &str,
        browser: Option<BrowserMark>,
        request: &HttpRequest,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> Result<Self, FlowError> {
        let flow = Self::unseal(text, state, now).await?;
        flow.tell(request);
        if browser.is_none_or(|mark| mark.0 != flow.browser) {
            return Err(FlowError::OtherBrowser(flow.platform));
        }
        if now.timestamp() >= flow.deadline {
            return Err(FlowError::Expired(flow.platform));
        }
        Ok(flow)
    }

    /// Only [`tells`](Self::tell) which flow a form belongs to, before anything about it is believed.
    pub async fn recognise(
        text: &str,
        request: &HttpRequest,
        state: &AppState,
        now: DateTime<Utc>,
    ) {
        if let Ok(flow) = Self::unseal(text, state, now).await {
            flow.tell(request);
        }
    }

    async fn unseal(text: &str, state: &AppState, now: DateTime<Utc>) -> Result<Self, FlowError> {
        let sealed = seal::from_text(text).ok_or(FlowError::Unreadable)?;
        let (id, sealed) = sealed.split_first_chunk().ok_or(FlowError::Unreadable)?;
        let key = state
            .keys
            .find(KeyKind::Seal, KeyId::from_be_bytes(*id), now)
            .await?;
        let plain = key
            .ok_or(FlowError::Unreadable)?
            .seal_key()
            .open(sealed, PURPOSE);
        let plain = plain.map_err(|_| FlowError::Unreadable)?;
        postcard::from_bytes(&plain).map_err(|_| FlowError::Unreadable)
    }

    /// Lets the error page and the history of a request know which flow it is part of.
    pub fn tell(&self, request: &HttpRequest) {
        let code = SupportCode::of_flow(self.id);
        let identity = FlowIdentity {
            code: code.clone(),
            client_id: self.client_id.clone(),
            began_at: DateTime::from_timestamp(self.started_at, 0).unwrap_or_default(),
            language: self.language.clone(),
            page: self.page.clone(),
        };
        let mut extensions = request.extensions_mut();
        extensions.insert(identity);
        extensions.insert(code);
    }

    /// The request it was begun with, if it is one of that kind.
    pub fn request<R: FlowRequest>(&self) -> Result<R, FlowError> {
        if self.page != R::PAGE {
            return Err(FlowError::Unreadable);
        }
        postcard::from_bytes(&self.request).map_err(|_| FlowError::Unreadable)
    }

    /// Where the flow of a posted form goes on after the login. One that can't be read goes back to the
    /// login page, which says why.
    pub fn onward(sealed: &str, request: &HttpRequest) -> String {
        let extensions = request.extensions();
        let identity = extensions.get::<FlowIdentity>();
        let path = identity.map_or("/login", |identity| identity.page.as_str());
        page::with_query(path, &[("flow", sealed)])
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// Two kinds of the same shape: only the page tells them apart.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct One(String);
    #[derive(Debug, Serialize, Deserialize)]
    struct Other(String);

    impl FlowRequest for One {
        const PAGE: &'static str = "/one";
    }
    impl FlowRequest for Other {
        const PAGE: &'static str = "/other";
    }

    #[test]
    fn a_flow_opens_only_as_the_kind_it_was_sealed_as() {
        let asked = One("asked".to_owned());
        let flow = Flow {
            id: FlowId(Uuid::nil()),
            code_key: 1,
            browser: [0; 32],
            started_at: 0,
            deadline: 0,
            client_id: ClientId("client".to_owned()),
            platform: String::new(),
            mark: String::new(),
            language: None,
            request: postcard::to_allocvec(&asked).unwrap(),
            page: One::PAGE.to_owned(),
        };
        assert_eq!(flow.request::<One>().unwrap(), asked);
        let refused = flow.request::<Other>();
        assert!(matches!(refused, Err(FlowError::Unreadable)));
    }
}
