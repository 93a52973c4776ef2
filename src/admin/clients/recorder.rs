//! `/admin/clients/{id}/record`: what the chatbot builder really sends, and looking for the token there.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use chrono::{DateTime, Utc};

use super::{address, find, rules, store_change};
use crate::{
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        field::sentence,
        flash::Done,
        guard::{Opened, Operator, Posted, Viewer},
        when::When,
    },
    chatbot::recorder::{
        Body, Pairs, RECORDS_FOR, RecordedCall, SecretKind, SeenToken, Standing,
        store::{self, KeptCall, LinkOfClient},
    },
    client::{
        Client,
        registration::checked,
        store::{list_scopes, lock_client},
        token_place::MAX_PLACES,
    },
    link::LinkState,
    web::{
        i18n::{Lang, Words},
        page_error::PageError,
        pages::Problem,
        time::TimeLeft,
    },
};

#[derive(Debug, Template)]
#[template(path = "admin/clients/record.html")]
struct RecordPage {
    chrome: Chrome,
    here: String,
    client: Client,
    /// Where the builder is pointed at.
    url: String,
    /// While it records.
    recording: Option<Recording>,
    calls: Vec<Call>,
    /// Why a place could not be adopted.
    refused: Option<String>,
}

#[derive(Debug)]
struct Recording {
    ends: When,
    left: String,
}

/// One call, ready to print.
#[derive(Debug)]
struct Call {
    id: i64,
    when: When,
    tokens: Vec<Token>,
    sent: RecordedCall,
}

/// One of its tokens, ready to print.
#[derive(Debug)]
struct Token {
    name: String,
    mood: &'static str,
    verdict: &'static str,
    /// Whose it is, with the address of the link's page.
    link: Option<(String, String, &'static str)>,
    /// Without any: no place would find it.
    places: Vec<Place>,
}

/// Where it was.
#[derive(Debug)]
struct Place {
    words: String,
    /// Whether the client looks there before anywhere else.
    first: bool,
    known: bool,
    adoptable: bool,
}

impl Place {
    fn is_query(&self) -> bool {
        self.words.starts_with("query:")
    }
}

impl Call {
    /// The method and where it was sent, below the recorder.
    fn title(&self) -> String {
        format!("{} {}", self.sent.method, self.sent.rest)
    }

    fn groups(&self) -> Vec<(&'static str, &Pairs)> {
        let mut groups = vec![("Query", &self.sent.query)];
        if let Body::Form(pairs) = &self.sent.body {
            groups.push(("Form", pairs));
        }
        groups.push(("Headers", &self.sent.headers));
        groups.retain(|(_, pairs)| !pairs.is_empty());
        groups
    }

    /// A body that is not a list of fields.
    fn body(&self) -> Option<&str> {
        match &self.sent.body {
            Body::Json { text, .. } | Body::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What to know of the body.
    fn about_body(&self) -> String {
        match &self.sent.body {
            Body::Empty => "No body.".to_owned(),
            Body::Form(_) | Body::Json { declared: true, .. } => String::new(),
            Body::Json {
                declared: false, ..
            } => "JSON, but its Content-Type doesn’t say so: no token is looked for in it."
                .to_owned(),
            Body::Text(_) => "Neither JSON nor a form: no token is looked for in it.".to_owned(),
            Body::Binary(bytes) => format!("{bytes} bytes that are no text."),
            Body::TooLarge => "The body was larger than a call may be, and is not kept.".to_owned(),
        }
    }
}

/// `GET /admin/clients/{id}/record`
#[tracing::instrument(name = "admin.clients.recorder", skip_all)]
pub async fn show(opened: Opened<Viewer>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let client = find(&console, id.into_inner()).await?;
    console.page(&page_of(&console, client, None).await?)
}

/// `POST /admin/clients/{id}/record`: on, off, or forget what was recorded.
#[tracing::instrument(name = "admin.clients.switch_recorder", skip_all)]
pub async fn submit(posted: Posted<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = posted;
    let client = find(&console, id.into_inner()).await?;
    let (db, id) = (&console.state.db, &client.id);
    let (done, detail) = match form.text("do") {
        "on" => {
            store::switch_on(db, id, console.now + RECORDS_FOR).await?;
            (Done::RecorderOn, "recorder switched on for ten minutes")
        }
        "forget" => {
            store::delete_calls(db, id).await?;
            (Done::CallsForgotten, "recorded calls deleted")
        }
        _ => {
            store::switch_off(db, id).await?;
            (Done::RecorderOff, "recorder switched off")
        }
    };
    console.record(detail, |event| event.client(id));
    Ok(console.done(&address(&client, "/record"), done))
}

/// `POST /admin/clients/{id}/record/adopt`: the client looks first where a recorded token was.
#[tracing::instrument(name = "admin.clients.adopt_place", skip_all)]
pub async fn adopt(posted: Posted<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = posted;
    let id = find(&console, id.into_inner()).await?.id;
    let place = form.text("place");
    let defined = list_scopes(&console.state.db).await?;
    let mut transaction = console.state.db.begin().await?;
    let locked = lock_client(&mut transaction, &id).await?;
    let client = locked.ok_or(Problem::NotFound)?;
    let calls = store::list_calls(&mut *transaction, &id, console.now).await?;
    if !calls.iter().any(|kept| was_at(&kept.call, place)) {
        return Err(Problem::NotFound.into());
    }
    let mut changed = client.clone();
    let places = &mut changed.settings.token_places;
    places.retain(|known| known != place);
    places.insert(0, place.to_owned());
    places.truncate(MAX_PLACES);
    let refused = match checked(changed, rules(&console, &defined)) {
        Ok(mut changed) => {
            store_change(&console, transaction, &client, &mut changed).await?;
            return Ok(console.done(&address(&changed, "/record"), Done::PlaceAdopted));
        }
        Err(refused) => sentence(&refused.to_string()),
    };
    drop(transaction);
    console.refused(&page_of(&console, client, Some(refused)).await?)
}

/// Whether a token of the client was there.
fn was_at(call: &RecordedCall, place: &str) -> bool {
    let tokens = call.tokens.iter().filter(|token| token.is_adoptable());
    tokens
        .flat_map(|token| &token.places)
        .any(|found| found == place)
}

async fn page_of(
    console: &Console,
    client: Client,
    refused: Option<String>,
) -> Result<RecordPage, PageError> {
    let (state, now) = (&console.state, console.now);
    let recording = store::find_recording(&state.db, &client.id, now).await?;
    let calls = store::list_calls(&state.db, &client.id, now).await?;
    let tokens = calls.iter().flat_map(|kept| &kept.call.tokens);
    let links: Vec<_> = tokens.filter_map(|token| token.link).collect();
    let links = store::list_links_of_client(&state.db, &client.id, &links).await?;
    let calls = calls.into_iter();
    let calls = calls.map(|kept| Call::new(kept, &client, &links, now));
    Ok(RecordPage {
        chrome: console.chrome(Some(Section::Clients)),
        here: address(&client, ""),
        url: state.public_url.join(&format!("/record/{}", client.id)),
        recording: recording.map(|ends| Recording {
            ends: When::new(ends, now),
            left: TimeLeft::until(ends, now, Words::new(Lang::En)).text,
        }),
        calls: calls.collect(),
        client,
        refused,
    })
}

impl Call {
    fn new(kept: KeptCall, client: &Client, links: &[LinkOfClient], now: DateTime<Utc>) -> Self {
        let tokens = kept.call.tokens.iter().zip(1..);
        let tokens = tokens.map(|(seen, number)| Token::new(seen, number, client, links));
        Self {
            id: kept.id,
            when: When::new(kept.recorded_at, now),
            tokens: tokens.collect(),
            sent: kept.call.0,
        }
    }
}

impl Token {
    fn new(seen: &SeenToken, number: usize, client: &Client, links: &[LinkOfClient]) -> Self {
        let known = |link: &&LinkOfClient| Some(link.link_id) == seen.link;
        let link = links.iter().find(known).map(|link| {
            let state = match link.state {
                LinkState::Pending => "pending",
                LinkState::Active => "active",
                LinkState::Ended => "ended",
            };
            let address = format!("/admin/links/{}", link.link_id);
            (link.account_name.clone(), address, state)
        });
        let looked_at = &client.settings.token_places;
        let places = seen.places.iter().map(|words| Place {
            first: looked_at.first() == Some(words),
            known: looked_at.contains(words),
            adoptable: seen.is_adoptable(),
            words: words.clone(),
        });
        let (mood, verdict) = verdict(seen);
        Self {
            name: format!("{} {number}", seen.kind.as_str()),
            mood,
            verdict,
            link,
            places: places.collect(),
        }
    }
}

fn verdict(seen: &SeenToken) -> (&'static str, &'static str) {
    match (seen.kind, seen.standing) {
        (SecretKind::AccessToken, Standing::Genuine) => ("ok", "an access token of this client"),
        (SecretKind::AccessToken, Standing::Expired) => {
            ("ok", "an access token of this client that has expired")
        }
        (SecretKind::RefreshToken, Standing::Genuine | Standing::Expired) => (
            "bad",
            "a refresh token of this client: no chatbot should have it",
        ),
        (_, Standing::Elsewhere) => (
            "warn",
            "of another client’s link, or of one that is gone: it counts for nothing here",
        ),
        (SecretKind::ForeignJwt, _) => ("", "not made by this server"),
        (_, Standing::NotOurs) => ("warn", "looks like one of ours, but is not, or is altered"),
        (SecretKind::ClientSecret, _) => (
            "bad",
            "looks like a client secret: no chatbot should have it",
        ),
        _ => ("", "looks like a secret of this server; not verified"),
    }
}
