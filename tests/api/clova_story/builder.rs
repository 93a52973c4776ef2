//! A stand-in for the chatbot builder (clova.md 1.2): it fills the answers of a domain by calling
//! action methods, and keeps variables of its user.

use std::collections::BTreeMap;

use reqwest::{Client, RequestBuilder, redirect::Policy};
use serde_json::{Map, Value, json};

use crate::harness::Answer;

/// One domain, talking to one user.
pub struct Builder {
    http: Client,
    url: String,
    variables: BTreeMap<String, Value>,
}

/// `$2{METHOD(ARGUMENTS).VARIABLE}` in an answer.
struct Wanted {
    method: String,
    variable: String,
    arguments: Vec<String>,
}

impl Builder {
    pub fn new(base: &str, client_id: &str) -> Self {
        let http = Client::builder().redirect(Policy::none()).no_proxy();
        Self {
            http: http.build().unwrap(),
            url: format!("{base}/action/{client_id}"),
            variables: BTreeMap::new(),
        }
    }

    /// What it keeps of its user.
    pub fn variable(&self, name: &str) -> Option<Value> {
        self.variables.get(name).cloned()
    }

    /// An answer of the domain, with the values of its action methods in it. V1.0 is called once a turn
    /// at most, and of v2.0 one method with all its variables.
    pub async fn say(
        &mut self,
        answer: &str,
        entities: &[(&str, &str)],
        token: Option<&str>,
    ) -> String {
        let mut said = answer.to_owned();
        if let [action] = &all_between(answer, "${", "}")[..] {
            let value = self.call_one(action, entities, token).await;
            said = said.replace(&format!("${{{action}}}"), &value);
        }
        let marks = all_between(answer, "$2{", "}");
        if !marks.is_empty() {
            let wanted: Vec<_> = marks.iter().map(|mark| Wanted::read(mark)).collect();
            let values = self.call_several(&wanted, entities, token).await;
            for (mark, value) in marks.iter().zip(values) {
                said = said.replace(&format!("$2{{{mark}}}"), &value);
            }
        }
        said.trim().to_owned()
    }

    /// V1.0: no document says where the token is put; here in the body, beside the entities.
    async fn call_one(
        &self,
        action: &str,
        entities: &[(&str, &str)],
        token: Option<&str>,
    ) -> String {
        let mut body = object(entities);
        if let Some(token) = token {
            body.insert("accessToken".to_owned(), json!(token));
        }
        let request = self.http.post(format!("{}/{action}", self.url));
        let answer = send(request.json(&body)).await;
        assert_eq!(answer.status, 200, "AM-1003: {answer:?}");
        answer.body
    }

    async fn call_several(
        &mut self,
        wanted: &[Wanted],
        entities: &[(&str, &str)],
        token: Option<&str>,
    ) -> Vec<String> {
        let methods = wanted
            .iter()
            .map(|one| json!({ "variableName": one.variable, "args": one.arguments }));
        let variables = self
            .variables
            .iter()
            .map(|(name, value)| (name.clone(), json!({ "value": value, "typ": "TEXT" })));
        let body = json!({
            "actionMethod": {
                "name": wanted[0].method,
                "methods": methods.collect::<Vec<_>>(),
            },
            "userInfo": {
                "id": "user", "key": "key", "query": "말",
                "entities": object(entities),
                "taskEntities": {},
                "userVariables": variables.collect::<Map<_, _>>(),
            },
        });
        let request = self.http.post(&self.url).json(&body);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = send(request).await;
        assert_eq!(answer.status, 200, "AM-1006: {answer:?}");
        let answer = answer.json();
        for kept in answer["userVariable"].as_array().into_iter().flatten() {
            assert_eq!(
                (&kept["action"], &kept["type"]),
                (&json!("EQ"), &json!("NUMBER"))
            );
            let name = kept["name"].as_str().unwrap().to_owned();
            self.variables.insert(name, kept["value"].clone());
        }
        let value_of = |one: &Wanted| {
            let mut data = answer["data"].as_array().unwrap().iter();
            let found = data.find(|given| given["variableName"] == one.variable.as_str());
            found.unwrap()["value"].as_str().unwrap().to_owned()
        };
        wanted.iter().map(value_of).collect()
    }
}

impl Wanted {
    fn read(mark: &str) -> Self {
        let (method, variable) = mark.rsplit_once('.').unwrap();
        let (method, arguments) = method.split_once('(').unwrap_or((method, ""));
        let arguments = arguments.trim_end_matches(')').split(',');
        Self {
            method: method.to_owned(),
            variable: variable.to_owned(),
            arguments: arguments
                .filter(|argument| !argument.is_empty())
                .map(str::to_owned)
                .collect(),
        }
    }
}

async fn send(request: RequestBuilder) -> Answer {
    Answer::read(request.send().await.unwrap()).await
}

fn object(entities: &[(&str, &str)]) -> Map<String, Value> {
    let members = entities.iter();
    members
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect()
}

/// What stands between two marks, each time.
fn all_between(text: &str, opening: &str, closing: &str) -> Vec<String> {
    let parts = text.split(opening).skip(1);
    parts
        .map(|part| part.split(closing).next().unwrap().to_owned())
        .collect()
}
