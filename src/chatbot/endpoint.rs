//! `GET, POST /action/{client_id}/{action}`: action method v1.0, one value.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};

use super::{
    action::is_name,
    call::Call,
    lookup::Calls,
    manner::Manners,
    whose::{Answering, Around, Declined},
};
use crate::{
    event::milestone::Milestone, foundation::ids::ClientId, protocol::OAuthError,
    resolve::Resolver, web::state::AppState,
};

/// Which action is called.
struct Address {
    client: ClientId,
    action: String,
}

/// Answers the action's value for the account whose token came along.
#[tracing::instrument(name = "action.call", skip_all)]
pub async fn call(
    state: Data<AppState>,
    calls: Data<Calls>,
    resolver: Data<Resolver>,
    manners: Data<Manners>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let around = Around {
        state: &state,
        calls: &calls,
        resolver: &resolver,
        manners: &manners,
        now: state.clock.now(),
    };
    let address = Address::of(&request).await;
    let Some(Address { client, action }) = address else {
        return Declined::Unknown.answer(&manners, || None, |manner, text| manner.say(text.into()));
    };
    let answering = async {
        let call = Call::read(&request, payload).await;
        let call = call.map_err(Declined::Call)?;
        answer(&client, &action, &call, &around).await
    };
    let answered = tokio::time::timeout(manners.deadline(), answering).await;
    let answered = answered.unwrap_or_else(|_| Err(too_late()));
    if answered.is_ok() {
        let (recorder, milestone) = (&resolver.recorder, Milestone::ActionCalled);
        recorder.reached(&client, milestone, &request, around.now);
    }
    let last = || manners.last(&client, &action);
    answered.unwrap_or_else(|declined| {
        declined.answer(&manners, last, |manner, text| manner.say(text.into()))
    })
}

/// The deadline passed: what would come later, nobody hears.
pub fn too_late() -> Declined {
    Declined::Call(OAuthError::temporarily_unavailable(
        "the answer took too long, try again",
    ))
}

impl Address {
    async fn of(request: &HttpRequest) -> Option<Self> {
        let (client, action) = Path::<(String, String)>::extract(request)
            .await
            .ok()?
            .into_inner();
        let printable = client.bytes().all(|byte| byte.is_ascii_graphic());
        (printable && is_name(&action)).then_some(Self {
            client: ClientId(client),
            action,
        })
    }
}

async fn answer(
    client: &ClientId,
    action: &str,
    call: &Call<'_>,
    around: &Around<'_>,
) -> Result<HttpResponse, Declined> {
    let actions = [action.to_owned()];
    let answering = Answering::find(call, client, &actions, around).await?;
    let method = answering.methods.first().ok_or(Declined::Unknown)?;
    let entity = |name: &str| call.entity(name, &method.places);
    let text = answering.say((action, method), &entity, &[], around)?;
    Ok(method.manner.say(text))
}
