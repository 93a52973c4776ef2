//! `POST /action/{client_id}`: action method v2.0, several values (clova.md 1.2).
//!
//! The builder writes `$2{METHOD.VARIABLE}`; the action of that name, `METHOD.VARIABLE`, answers it.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use serde::Serialize;
use serde_json::Value;

use super::{
    action::is_name,
    call::Call,
    endpoint::too_late,
    lookup::Calls,
    manner::Manners,
    user_variable::UserVariable,
    whose::{Answering, Around, Declined},
};
use crate::{
    event::milestone::Milestone,
    foundation::{
        ids::ClientId,
        secret::{CallSecretKind, Hashed},
    },
    protocol::OAuthError,
    resolve::Resolver,
    template::plain,
    web::state::AppState,
};

/// The most variables of one call.
const MAX_VARIABLES: usize = 32;
/// The most arguments of a variable.
const MAX_ARGUMENTS: usize = 32;

/// Who a call says it speaks for.
pub enum Speaker {
    /// The link of its token.
    Token,
    /// The chat user it names, if it came with the client's call secret.
    ChatUser(Hashed<CallSecretKind>),
}

/// A variable that is asked for.
struct Variable {
    name: String,
    /// The action that answers it.
    action: String,
    arguments: Vec<String>,
}

/// What is answered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    data: Vec<Valued<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    user_variable: Vec<Kept<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Valued<'a> {
    variable_name: &'a str,
    value: &'a str,
}

/// A value that the chatbot is to keep.
#[derive(Serialize)]
struct Kept<'a> {
    #[serde(flatten)]
    variable: &'a UserVariable,
    value: Value,
}

/// Answers the values of all variables asked for, or of none.
#[tracing::instrument(name = "action.call_several", skip_all)]
pub async fn call(
    state: Data<AppState>,
    calls: Data<Calls>,
    resolver: Data<Resolver>,
    manners: Data<Manners>,
    (client, request, payload): (Path<String>, HttpRequest, Payload),
) -> HttpResponse {
    let around = Around {
        state: &state,
        calls: &calls,
        resolver: &resolver,
        manners: &manners,
        now: state.clock.now(),
    };
    let client = ClientId(client.into_inner());
    respond(&client, Speaker::Token, (&request, payload), &around).await
}

/// The same, whoever the call says it speaks for.
pub async fn respond(
    client: &ClientId,
    speaker: Speaker,
    (request, payload): (&HttpRequest, Payload),
    around: &Around<'_>,
) -> HttpResponse {
    // A sentence has to name the variables it stands for.
    let mut variables = Vec::new();
    let answering = async {
        let call = Call::read(request, payload).await;
        let call = call.map_err(Declined::Call)?;
        variables = asked(call.json())?;
        answer(client, &variables, (&call, &speaker), around).await
    };
    let manners = around.manners;
    let answered = tokio::time::timeout(manners.deadline(), answering).await;
    let answered = answered.unwrap_or_else(|_| Err(too_late()));
    if answered.is_ok() {
        let (recorder, milestone) = (&around.resolver.recorder, Milestone::ActionCalled);
        recorder.reached(client, milestone, request, around.now);
    }
    answered.unwrap_or_else(|declined| refused(declined, &variables, client, manners))
}

/// Nothing is at that address.
pub fn unknown(manners: &Manners) -> HttpResponse {
    refused(Declined::Unknown, &[], &ClientId(String::new()), manners)
}

/// What a body asks for.
fn asked(body: &Value) -> Result<Vec<Variable>, Declined> {
    let malformed = |wrong| Declined::Call(OAuthError::invalid_request(wrong));
    let method = body.pointer("/actionMethod/name").and_then(Value::as_str);
    let method = method.ok_or_else(|| malformed("actionMethod.name is missing or no string"))?;
    let methods = body
        .pointer("/actionMethod/methods")
        .and_then(Value::as_array);
    let methods = methods.filter(|methods| !methods.is_empty());
    let methods = methods.ok_or_else(|| malformed("actionMethod.methods is missing or empty"))?;
    if methods.len() > MAX_VARIABLES {
        return Err(malformed("actionMethod.methods has more than 32 variables"));
    }
    let variable = |method_call: &Value| {
        let name = method_call.get("variableName").and_then(Value::as_str);
        let name = name.ok_or_else(|| malformed("a variableName is missing or no string"))?;
        let arguments = match method_call.get("args") {
            None | Some(Value::Null) => &[],
            Some(Value::Array(arguments)) if arguments.len() <= MAX_ARGUMENTS => {
                arguments.as_slice()
            }
            Some(_) => return Err(malformed("args is no list, or has more than 32 arguments")),
        };
        let action = format!("{method}.{name}");
        if !is_name(&action) {
            return Err(Declined::Unknown);
        }
        Ok(Variable {
            name: name.to_owned(),
            action,
            arguments: arguments.iter().map(plain).collect(),
        })
    };
    methods.iter().map(variable).collect()
}

async fn answer(
    client: &ClientId,
    variables: &[Variable],
    (call, speaker): (&Call<'_>, &Speaker),
    around: &Around<'_>,
) -> Result<HttpResponse, Declined> {
    let actions: Vec<_> = variables.iter().map(|one| one.action.clone()).collect();
    let answering = match speaker {
        Speaker::Token => Answering::find(call, client, &actions, around).await?,
        Speaker::ChatUser(secret) => {
            Answering::find_by_chat_user(call, secret, client, &actions, around).await?
        }
    };
    let entity = |name: &str| call.said(name);
    let mut values = Vec::with_capacity(variables.len());
    for (variable, method) in variables.iter().zip(&answering.methods) {
        let named = (variable.action.as_str(), &**method);
        let value = answering.say(named, &entity, &variable.arguments, around)?;
        values.push((variable, method, value));
    }
    let data = values.iter().map(|(variable, _, value)| Valued {
        variable_name: &variable.name,
        value,
    });
    let kept = values.iter().filter_map(|(_, method, answer)| {
        let variable = method.user_variable.as_ref()?;
        let value = variable.value(answer);
        if value.is_none() {
            tracing::warn!(
                variable = variable.name,
                "an answer is no number, and is not kept"
            );
        }
        Some(Kept {
            value: value?,
            variable,
        })
    });
    Ok(HttpResponse::Ok().json(Answer {
        data: data.collect(),
        user_variable: kept.collect(),
    }))
}

/// A sentence takes the place of the first value, and the others are empty.
fn refused(
    declined: Declined,
    variables: &[Variable],
    client: &ClientId,
    manners: &Manners,
) -> HttpResponse {
    let last = || manners.last(client, &variables.first()?.action);
    declined.answer(manners, last, |_, sentence| {
        let sentences = std::iter::once(sentence).chain(std::iter::repeat(""));
        let data = variables
            .iter()
            .zip(sentences)
            .map(|(variable, value)| Valued {
                variable_name: &variable.name,
                value,
            });
        HttpResponse::Ok().json(Answer {
            data: data.collect(),
            user_variable: Vec::new(),
        })
    })
}
