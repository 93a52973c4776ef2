//! The chatbot's part: it calls every action of the client, with the token in a place of its list.

use std::fmt;

use anyhow::{Context, bail, ensure};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use url::Url;

use super::{browser::unreachable, play::first_line};
use crate::{
    chatbot::action::Action,
    client::{Client, token_place::TokenPlace},
};

/// A chatbot with the access token of a link.
pub(super) struct Chatbot<'a> {
    pub(super) client: &'a Client,
    pub(super) base_url: &'a Url,
    pub(super) http: &'a reqwest::Client,
    pub(super) token: &'a str,
}

/// One call of it.
pub(super) enum Call<'a> {
    /// By action method v1.0: one action.
    One(&'a str),
    /// By action method v2.0: a method's variables.
    Several(&'a str, Vec<&'a str>),
}

impl fmt::Display for Call<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::One(name) | Self::Several(name, _)) = self;
        write!(formatter, "action:{name}")
    }
}

/// The calls that reach every action, which come by name.
pub(super) fn calls(actions: &[Action]) -> Vec<Call<'_>> {
    let mut calls = Vec::new();
    for action in actions {
        match (action.name.split_once('.'), calls.last_mut()) {
            (None, _) => calls.push(Call::One(&action.name)),
            (Some((method, variable)), Some(Call::Several(last, variables))) if *last == method => {
                variables.push(variable);
            }
            (Some((method, variable)), _) => calls.push(Call::Several(method, vec![variable])),
        }
    }
    calls
}

impl Chatbot<'_> {
    pub(super) async fn call(&self, call: &Call<'_>) -> anyhow::Result<((), String)> {
        let places = &self.client.settings.token_places;
        let places = places.iter().map(|place| place.parse::<TokenPlace>());
        let places = places.collect::<Result<Vec<_>, _>>()?;
        let (place, request) = match call {
            Call::One(name) => {
                let place = places.first().context("the client has no token place")?;
                (place, self.call_one(self.address(&[name])?, place))
            }
            Call::Several(method, variables) => {
                let has_room = |place: &&TokenPlace| !matches!(place, TokenPlace::Form(_));
                let place = places.iter().find(has_room).context(
                    "the client expects its token in a form, and action method v2.0 has none",
                )?;
                let body = body_of(method, variables);
                (place, self.call_several(self.address(&[])?, place, body))
            }
        };
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let text = response.text().await?;
        ensure!(
            status.is_success(),
            "answered {status} to a token in {place}: {}",
            first_line(&text)
        );
        let said = match call {
            Call::One(_) => text,
            Call::Several(_, variables) => values_of(&text, variables)?,
        };
        self.ensure_answered(&said)?;
        Ok(((), format!("“{}” (token in {place})", first_line(&said))))
    }

    fn address(&self, rest: &[&str]) -> anyhow::Result<Url> {
        let mut address = self.base_url.clone();
        let Ok(mut path) = address.path_segments_mut() else {
            bail!("{} can't have a path", self.base_url);
        };
        path.clear().extend(["action", self.client.id.as_str()]);
        path.extend(rest);
        drop(path);
        Ok(address)
    }

    fn call_one(&self, address: Url, place: &TokenPlace) -> RequestBuilder {
        let post = || self.http.request(Method::POST, address.clone());
        match place {
            TokenPlace::Bearer => post().bearer_auth(self.token),
            TokenPlace::Header(name) => post().header(name, format!("Bearer {}", self.token)),
            TokenPlace::Json(pointer) => {
                post().json(&with_at_pointer(json!({}), pointer, self.token))
            }
            TokenPlace::Form(name) => post().form(&[(name, self.token)]),
            TokenPlace::Query(name) => self.http.get(address).query(&[(name, self.token)]),
        }
    }

    fn call_several(&self, address: Url, place: &TokenPlace, body: Value) -> RequestBuilder {
        let post = self.http.request(Method::POST, address);
        match place {
            TokenPlace::Bearer => post.json(&body).bearer_auth(self.token),
            TokenPlace::Header(name) => {
                let value = format!("Bearer {}", self.token);
                post.json(&body).header(name, value)
            }
            TokenPlace::Json(pointer) => post.json(&with_at_pointer(body, pointer, self.token)),
            TokenPlace::Query(name) => post.json(&body).query(&[(name, self.token)]),
            TokenPlace::Form(_) => post.json(&body),
        }
    }

    /// A sentence is an answer of status 200, too.
    fn ensure_answered(&self, said: &str) -> anyhow::Result<()> {
        let settings = &self.client.settings;
        let refusals = [&settings.relink_sentence, &settings.busy_sentence];
        let is_refusal = |refusal: &&String| !refusal.is_empty() && said.trim() == refusal.trim();
        let refused = refusals.iter().any(is_refusal);
        ensure!(!refused, "refused with the sentence “{}”", first_line(said));
        Ok(())
    }
}

/// What the builder sends (clova.md 1.2).
fn body_of(method: &str, variables: &[&str]) -> Value {
    let methods: Vec<_> = variables
        .iter()
        .map(|variable| json!({ "variableName": variable, "args": [] }))
        .collect();
    json!({
        "actionMethod": { "name": method, "methods": methods },
        "userInfo": {
            "id": "simulated", "key": "", "query": "",
            "entities": {}, "taskEntities": {}, "userVariables": {},
        },
    })
}

/// The values of all variables, in their order.
fn values_of(answer: &str, variables: &[&str]) -> anyhow::Result<String> {
    let answer: Value = serde_json::from_str(answer).context("the answer is no JSON")?;
    let data = answer.get("data").and_then(Value::as_array);
    let data = data.context("the answer has no data")?;
    let mut values = Vec::with_capacity(variables.len());
    for variable in variables {
        let found = data.iter().find(|one| one["variableName"] == *variable);
        let value = found.and_then(|one| one["value"].as_str());
        values.push(value.with_context(|| format!("the answer has no value of {variable}"))?);
    }
    Ok(values.join(" "))
}

/// A JSON body with the token where the pointer (RFC 6901) says, in objects of its own.
fn with_at_pointer(body: Value, pointer: &str, token: &str) -> Value {
    let mut names = pointer.split('/').skip(1);
    let name = names
        .next()
        .map(|name| name.replace("~1", "/").replace("~0", "~"));
    let (Some(name), Value::Object(mut members)) = (name, body) else {
        return json!(token);
    };
    let rest: String = names.flat_map(|name| ["/", name]).collect();
    let inner = members.remove(&name).filter(Value::is_object);
    let inner = with_at_pointer(inner.unwrap_or_else(|| json!({})), &rest, token);
    members.insert(name, inner);
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_put_where_a_pointer_finds_it_and_nothing_is_lost() {
        for pointer in ["/accessToken", "/userInfo/accessToken", "/a~1b/c~0d"] {
            let body = with_at_pointer(json!({"userInfo": {"id": "u"}}), pointer, "lg_at_x");
            assert_eq!(body.pointer(pointer), Some(&json!("lg_at_x")), "{pointer}");
            assert_eq!(body.pointer("/userInfo/id"), Some(&json!("u")), "{pointer}");
        }
    }
}
