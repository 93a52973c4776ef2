//! `POST /action/{client_id}/k/{secret}`: action method v2.0 for a builder that sends no token. The account
//! is that of the chat user it names.
//!
//! The builder signs nothing and its users' ids travel in addresses, so whoever may ask this way knows a
//! secret that stands in the URL alone. Off until one is made.

pub mod call_secret;

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};

use super::{
    lookup::Calls,
    manner::Manners,
    several::{self, Speaker},
    whose::Around,
};
use crate::{
    foundation::{
        ids::ClientId,
        secret::{CallSecretKind, Plain},
    },
    resolve::Resolver,
    web::state::AppState,
};

/// Answers the values of all variables asked for, or of none.
#[tracing::instrument(name = "action.call_by_chat_user", skip_all)]
pub async fn call(
    state: Data<AppState>,
    calls: Data<Calls>,
    resolver: Data<Resolver>,
    manners: Data<Manners>,
    (request, payload): (HttpRequest, Payload),
) -> HttpResponse {
    let around = Around {
        state: &state,
        calls: &calls,
        resolver: &resolver,
        manners: &manners,
        now: state.clock.now(),
    };
    let address = Path::<(String, String)>::extract(&request).await;
    let Some((client, secret)) = address.ok().and_then(|path| read(path.into_inner())) else {
        return several::unknown(&manners);
    };
    let speaker = Speaker::ChatUser(secret.hash());
    several::respond(&client, speaker, (&request, payload), &around).await
}

/// What no secret of ours looks like needs no question.
fn read((client, secret): (String, String)) -> Option<(ClientId, Plain<CallSecretKind>)> {
    let printable = client.bytes().all(|byte| byte.is_ascii_graphic());
    let secret = Plain::parse(&secret).filter(|_| printable)?;
    Some((ClientId(client), secret))
}
