//! Passkeys: made by a browser for this host, and asked to sign a challenge. The device has checked who
//! holds it (a finger, a face, a PIN), so one is more than a password, and enough alone.

pub mod store;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Webauthn, WebauthnError,
};

use super::{
    Owner,
    challenge::{self, Asked},
    code::{MOST_TRIES, Typed},
    store::{count_try, use_up_ticket},
    ticket::Ticket,
};
use crate::{
    foundation::seal::to_text,
    web::{browser::BrowserMark, state::AppState},
};

/// What the history says of a passkey that may have been copied.
pub const COPIED: &str = "passkey refused: its counter went back, so there may be a copy of it";

/// The most characters of a passkey's name.
const MOST_LETTERS: usize = 60;

/// What somebody calls a passkey, as far as it is kept; `None` where that is nothing.
pub fn name(typed: &str) -> Option<String> {
    let typed = typed.chars().filter(|c| !c.is_control());
    let name: String = typed.take(MOST_LETTERS).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// What a page needs to ask a browser.
#[derive(Debug, Clone)]
pub struct Question {
    /// For the script: the options as JSON.
    pub options: String,
    /// For the form: the challenge, sealed.
    pub challenge: String,
}

/// What a form brings back: what the browser made or signed, as JSON, and the sealed challenge.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// From the script.
    pub credential: &'a str,
    /// From the page.
    pub challenge: &'a str,
}

/// A passkey as it is stored.
#[derive(Debug, Clone)]
pub struct StoredPasskey {
    /// The row.
    pub id: Uuid,
    /// Whose it is.
    pub owner: Owner,
    /// What the library keeps.
    pub credential: Value,
}

/// What a browser's answer is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// It was signed by that passkey.
    By {
        /// The row.
        passkey: Uuid,
        /// Whose it is.
        owner: Owner,
    },
    /// It was, but the passkey's counter went back: there may be a copy of it.
    Copied {
        /// Whose it is.
        owner: Owner,
    },
    /// The challenge counts no more: it is over, or was answered before.
    Late,
    /// It was not.
    Not,
}

/// Asks for a new passkey, for whom a device will call by these names; `None` where browsers make none for
/// this server.
pub async fn ask_for_new(
    owner: Owner,
    (email, name): (&str, &str),
    browser: BrowserMark,
    state: &AppState,
    now: DateTime<Utc>,
) -> anyhow::Result<Option<Question>> {
    let Some(party) = &state.relying_party else {
        return Ok(None);
    };
    let known = store::list_credential_ids(&state.db, owner).await?;
    // Who has no name is called by the address: the library takes no empty one.
    let name = if name.is_empty() { email } else { name };
    let (options, registration) =
        party.start_passkey_registration(owner.id(), email, name, Some(known))?;
    let mut options = serde_json::to_value(&options)?;
    if let Some(party) = options.pointer_mut("/publicKey/rp/name") {
        *party = json!(state.branding.get().name);
    }
    if let Some(wanted) = options.pointer_mut("/publicKey/authenticatorSelection") {
        // A person's has to be found without a name: the login page asks nobody who they are first.
        let alone = matches!(owner, Owner::Account(_));
        wanted["residentKey"] = json!(if alone { "required" } else { "discouraged" });
        wanted["requireResidentKey"] = json!(alone);
    }
    let challenge = challenge::seal(Asked::Make(owner), &registration, browser, state, now)?;
    let options = options.to_string();
    Ok(Some(Question { options, challenge }))
}

/// The passkey a browser made, ready to be stored; `None` where it is none.
pub async fn made(
    owner: Owner,
    answer: Answer<'_>,
    browser: BrowserMark,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Passkey>> {
    let credential: Option<RegisterPublicKeyCredential> =
        serde_json::from_str(answer.credential).ok();
    let (Some(party), Some(credential)) = (&state.relying_party, credential) else {
        return Ok(None);
    };
    let asked = Asked::Make(owner);
    let registration: Option<PasskeyRegistration> =
        challenge::use_up(answer.challenge, asked, browser, state, now).await?;
    Ok(registration.and_then(|registration| {
        let made = party.finish_passkey_registration(&credential, &registration);
        made.ok()
    }))
}

/// Asks for a signature: of one of the owner's passkeys, or of any where nobody knows whose it will be.
/// `None` where there is none to ask for.
pub async fn ask(
    asked: Asked,
    browser: BrowserMark,
    state: &AppState,
    now: DateTime<Utc>,
) -> anyhow::Result<Option<Question>> {
    let Some(party) = &state.relying_party else {
        return Ok(None);
    };
    let (options, authentication) = party.start_discoverable_authentication()?;
    let mut options = serde_json::to_value(&options)?;
    if let Some(owner) = asked.owner() {
        let known = store::list_credential_ids(&state.db, owner).await?;
        if known.is_empty() {
            return Ok(None);
        }
        let known = known
            .iter()
            .map(|id| json!({ "type": "public-key", "id": to_text(id) }));
        if let Some(public_key) = options.get_mut("publicKey") {
            public_key["allowCredentials"] = known.collect();
        }
    }
    let challenge = challenge::seal(asked, &authentication, browser, state, now)?;
    let options = options.to_string();
    Ok(Some(Question { options, challenge }))
}

/// Looks at a browser's answer. The stored passkey moves on in one conditional statement, so that of two
/// answers with one counter on two nodes one counts.
pub async fn look(
    asked: Asked,
    answer: Answer<'_>,
    browser: BrowserMark,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Signed> {
    let credential: Option<PublicKeyCredential> = serde_json::from_str(answer.credential).ok();
    let (Some(party), Some(credential)) = (&state.relying_party, credential) else {
        return Ok(Signed::Not);
    };
    let authentication: Option<DiscoverableAuthentication> =
        challenge::use_up(answer.challenge, asked, browser, state, now).await?;
    let Some(authentication) = authentication else {
        return Ok(Signed::Late);
    };
    let stored = store::find_passkey(&state.db, credential.get_credential_id()).await?;
    let Some(stored) = stored.filter(|stored| asked.is_for(stored.owner)) else {
        return Ok(Signed::Not);
    };
    let (passkey, owner) = (stored.id, stored.owner);
    match verify(party, (asked, &credential), authentication, &stored) {
        Ok(used) if store::use_passkey(&state.db, &stored, &used, now).await? => {
            Ok(Signed::By { passkey, owner })
        }
        Err(WebauthnError::CredentialPossibleCompromise) => Ok(Signed::Copied { owner }),
        Ok(_) | Err(_) => Ok(Signed::Not),
    }
}

/// The passkey as it has to be stored after this.
fn verify(
    party: &Webauthn,
    (asked, credential): (Asked, &PublicKeyCredential),
    authentication: DiscoverableAuthentication,
    stored: &StoredPasskey,
) -> Result<Value, WebauthnError> {
    let unreadable = |_| WebauthnError::CredentialRetrievalError;
    let mut passkey: Passkey =
        serde_json::from_value(stored.credential.clone()).map_err(unreadable)?;
    // Whose the device says it is. It has to where nobody was named before (W3C Web Authentication §7.2).
    let right = match credential.get_user_unique_id() {
        Some(named) => named == stored.owner.id().as_bytes(),
        None => asked.owner().is_some(),
    };
    if !right {
        return Err(WebauthnError::InvalidUserUniqueId);
    }
    let result =
        party.finish_discoverable_authentication_v2(credential, authentication, &passkey)?;
    passkey.update_credential(&result);
    serde_json::to_value(&passkey).map_err(unreadable)
}

impl Ticket {
    /// What a passkey is asked at this ticket's step.
    pub const fn question(&self) -> Asked {
        Asked::Step {
            ticket: self.id,
            owner: self.owner,
        }
    }

    /// Looks at what a passkey signed for this ticket. A right answer uses the ticket up.
    pub async fn try_passkey(
        &self,
        answer: Answer<'_>,
        browser: BrowserMark,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Typed> {
        let Some(tries) = count_try(&state.db, self, MOST_TRIES, now).await? else {
            return Ok(Typed::Over);
        };
        match look(self.question(), answer, browser, state, now).await? {
            Signed::By { .. } => {
                let first = use_up_ticket(&state.db, self).await?;
                Ok(if first { Typed::Passkey } else { Typed::Over })
            }
            Signed::Copied { .. } => Ok(Typed::Copied),
            Signed::Late | Signed::Not if tries >= MOST_TRIES => Ok(Typed::Over),
            Signed::Late | Signed::Not => Ok(Typed::Wrong),
        }
    }
}
