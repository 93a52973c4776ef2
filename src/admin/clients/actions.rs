//! `/admin/clients/{id}/actions`: what a chatbot may ask for, tried on an account before it is saved.

use actix_web::{HttpResponse, web::Path};
use askama::Template;

use super::{address, find};
use crate::{
    account::{Account, store::find_account_by_email},
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        field::{Field, sentence},
        flash::Done,
        guard::{Opened, Operator, Posted, Viewer},
    },
    chatbot::{
        action::{self, Action, CheckedAction, InvalidAction, NewAction},
        store::{delete_action, find_action, list_actions, save_action},
        user_variable::UserVariable,
    },
    client::Client,
    template::{Subject, Template as ActionTemplate, Values},
    web::{form::PostedForm, page, page_error::PageError, pages::Problem},
};

#[derive(Debug, Template)]
#[template(path = "admin/clients/actions.html")]
struct ActionsPage {
    chrome: Chrome,
    here: String,
    client: Client,
    actions: Vec<Line>,
    typed: Typed,
    preview: Option<Preview>,
}

/// One action, ready to print.
#[derive(Debug)]
struct Line {
    action: Action,
    url: String,
    /// Scopes it needs and new links of this client don't get.
    lacking: Vec<&'static str>,
}

/// What was typed.
#[derive(Debug, Default)]
struct Typed {
    name: Field,
    template: Field,
    json_string: bool,
    user_variable: Field,
    /// Whom to try it on.
    email: Field,
}

/// What the action would answer.
#[derive(Debug)]
struct Preview {
    account: String,
    answer: String,
    lacking: Vec<&'static str>,
}

impl ActionsPage {
    fn hint() -> &'static str {
        "Text with {{id}}, {{external_id}}, {{email}}, {{name}}, {{locale}}, {{attributes.PATH}}, \
         {{entity.NAME}} or {{args.N}}. A missing attribute is empty."
    }
}

/// `GET /admin/clients/{id}/actions`, with `?name=` to change one
#[tracing::instrument(name = "admin.clients.actions", skip_all)]
pub async fn show(opened: Opened<Viewer>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let client = find(&console, id.into_inner()).await?;
    let typed = match page::query_value(&console.request, "name") {
        Some(name) => find_action(&console.state.db, &client.id, &name).await?,
        None => None,
    };
    let typed = typed.map_or_else(Typed::default, Typed::of);
    console.page(&page_of(&console, client, typed, None).await?)
}

/// `POST /admin/clients/{id}/actions`: saves, or shows what would be answered.
#[tracing::instrument(name = "admin.clients.save_action", skip_all)]
pub async fn submit(posted: Posted<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = posted;
    let client = find(&console, id.into_inner()).await?;
    let mut typed = Typed::read(&form);
    let Some(checked) = typed.check() else {
        return console.refused(&page_of(&console, client, typed, None).await?);
    };
    if form.text("do") == "preview" {
        let preview = typed.preview(&console, &client, &checked).await?;
        let refused = preview.is_none();
        let page = page_of(&console, client, typed, preview).await?;
        return if refused {
            console.refused(&page)
        } else {
            console.page(&page)
        };
    }
    let saved = save_action(&console.state.db, &client.id, &checked, console.now).await?;
    if !saved {
        return Err(Problem::NotFound.into());
    }
    console.record(format!("action saved: {}", checked.name()), |event| {
        event.client(&client.id)
    });
    Ok(console.done(&address(&client, "/actions"), Done::ActionSaved))
}

/// `POST /admin/clients/{id}/actions/delete`
#[tracing::instrument(name = "admin.clients.delete_action", skip_all)]
pub async fn delete(posted: Posted<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = posted;
    let client = find(&console, id.into_inner()).await?;
    let name = form.text("name");
    if delete_action(&console.state.db, &client.id, name).await? {
        console.record(format!("action deleted: {name}"), |event| {
            event.client(&client.id)
        });
    }
    Ok(console.done(&address(&client, "/actions"), Done::ActionDeleted))
}

async fn page_of(
    console: &Console,
    client: Client,
    typed: Typed,
    preview: Option<Preview>,
) -> Result<ActionsPage, PageError> {
    let state = &console.state;
    let line = |action: Action| Line {
        url: state
            .public_url
            .join(&action::path(&client.id, &action.name)),
        lacking: ActionTemplate::parse(&action.template)
            .map(|template| lacking(template.needed_scopes(), &client))
            .unwrap_or_default(),
        action,
    };
    let actions = list_actions(&state.db, &client.id).await?;
    Ok(ActionsPage {
        chrome: console.chrome(Some(Section::Clients)),
        here: address(&client, ""),
        actions: actions.into_iter().map(line).collect(),
        client,
        typed,
        preview,
    })
}

fn lacking(needed: impl IntoIterator<Item = &'static str>, client: &Client) -> Vec<&'static str> {
    let absent = |scope: &&str| !client.scopes.contains(scope);
    needed.into_iter().filter(absent).collect()
}

impl Typed {
    fn of(action: Action) -> Self {
        Self {
            name: Field::new(action.name),
            template: Field::new(action.template),
            json_string: action.json_string,
            user_variable: Field::new(
                action
                    .user_variable
                    .map_or_else(String::new, |variable| variable.to_string()),
            ),
            email: Field::default(),
        }
    }

    fn read(form: &PostedForm) -> Self {
        Self {
            name: Field::new(form.text("name")),
            template: Field::new(form.text("template").replace("\r\n", "\n")),
            json_string: form.ticked("json_string"),
            user_variable: Field::new(form.text("user_variable")),
            email: Field::new(form.text("email")),
        }
    }

    /// The action, if it may be saved; `None` where a field now says why not.
    fn check(&mut self) -> Option<CheckedAction> {
        let typed = self.user_variable.value.trim();
        let user_variable = (!typed.is_empty()).then(|| typed.parse::<UserVariable>());
        let user_variable = match user_variable.transpose() {
            Ok(variable) => variable,
            Err(refused) => {
                self.user_variable.refuse(sentence(&refused.to_string()));
                return None;
            }
        };
        let action = NewAction {
            name: self.name.value.clone(),
            template: self.template.value.clone(),
            json_string: self.json_string,
            user_variable,
        };
        action
            .check()
            .map_err(|refused| {
                let field = match refused {
                    InvalidAction::Name | InvalidAction::JsonString => &mut self.name,
                    InvalidAction::UserVariable => &mut self.user_variable,
                    InvalidAction::Template(_) => &mut self.template,
                };
                field.refuse(sentence(&refused.to_string()));
            })
            .ok()
    }

    /// What would be answered for that account; `None` where a field now says why not.
    async fn preview(
        &mut self,
        console: &Console,
        client: &Client,
        checked: &CheckedAction,
    ) -> Result<Option<Preview>, PageError> {
        let found = find_account_by_email(&console.state.db, &self.email.value).await?;
        let Some(account) = found else {
            self.email.refuse("No account has this e-mail address.");
            return Ok(None);
        };
        let Ok(template) = ActionTemplate::parse(checked.template()) else {
            return Ok(None);
        };
        let answer = template.render(&Values {
            account: subject(&account),
            entity: &|_| None,
            arguments: &[],
        });
        match answer {
            Ok(answer) => Ok(Some(Preview {
                account: account.name,
                answer,
                lacking: lacking(checked.needed_scopes().iter().copied(), client),
            })),
            Err(too_large) => {
                self.template.refuse(sentence(&too_large.to_string()));
                Ok(None)
            }
        }
    }
}

fn subject(account: &Account) -> Subject<'_> {
    Subject {
        id: account.id,
        external_id: account.external_id.as_deref(),
        email: &account.email,
        name: &account.name,
        locale: &account.locale,
        attributes: &account.attributes,
    }
}
