//! `POST /cek/{client_id}`.

use std::{pin::pin, sync::Arc};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    web::{Bytes, Data, Path, Payload},
};
use chrono::{DateTime, Utc};

use super::{
    Cek,
    admission::{NotAdmitted, Presented},
    answer,
    declined::Declined,
    events,
    extension::{Extension, Known},
    lookup::Requests,
    message::{Event, Home, Message, Speaker, Turn},
    store::{self, Asked},
};
use crate::{
    client::cek::CekAnswer,
    event::{Event as History, EventKind, milestone::Milestone},
    foundation::ids::ClientId,
    protocol::{OAuthError, ScopeSet},
    resolve::{Resolved, Resolver, answer::Answer},
    template::{Template, Values},
    token::access::AccessToken,
    web::{body, state::AppState},
};

/// What answering needs beside the request.
struct Around<'a> {
    state: &'a AppState,
    resolver: &'a Resolver,
    requests: &'a Requests,
    cek: &'a Cek,
    client: ClientId,
    now: DateTime<Utc>,
}

/// A request that was let in.
struct Sent {
    presented: Presented,
    body: Bytes,
    message: Message,
}

/// Answers CEK about the account whose token came along.
#[tracing::instrument(name = "cek.post", skip_all)]
pub async fn post(
    state: Data<AppState>,
    resolver: Data<Resolver>,
    requests: Data<Requests>,
    cek: Data<Cek>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let Some(client) = client_of(&request).await else {
        return answer::unknown_client();
    };
    let around = Around {
        state: &state,
        resolver: &resolver,
        requests: &requests,
        cek: &cek,
        client,
        now: state.clock.now(),
    };
    let mut deadline = pin!(tokio::time::sleep(cek.deadline));
    let admitted = tokio::select! {
        biased;
        admitted = admit(&around, &request, payload) => admitted,
        () = &mut deadline => Err(late()),
    };
    let (sent, mut known) = match admitted {
        Ok(admitted) => admitted,
        Err(declined) => return declined.answer(&cek, &*state.random, None),
    };
    if sent.presented.proves(&sent.message, &known) {
        let (client, milestone) = (&around.client, Milestone::CekSigned);
        let recorder = &resolver.recorder;
        recorder.reached(client, milestone, &request, around.now);
    }
    let known = &mut known;
    let answered = match &sent.message {
        // Nobody waits for words here, and what was begun should be done.
        Message::Event(event) => settle(&around, &sent, known, event).await,
        Message::Turn(turn) => tokio::select! {
            biased;
            answered = turned(&around, &sent, known, turn) => answered,
            () = &mut deadline => Err(late()),
        },
        Message::Home(home) => tokio::select! {
            biased;
            answered = at_home(&around, &sent, known, home) => answered,
            () = &mut deadline => Err(late()),
        },
    };
    answered.unwrap_or_else(|declined| {
        let asked = (&sent.message, &known.extension);
        declined.answer(&cek, &*state.random, Some(asked))
    })
}

async fn client_of(request: &HttpRequest) -> Option<ClientId> {
    let client = Path::<String>::extract(request).await.ok()?.into_inner();
    let printable = client.bytes().all(|byte| byte.is_ascii_graphic());
    printable.then_some(ClientId(client))
}

fn late() -> Declined {
    Declined::Call(OAuthError::temporarily_unavailable(
        "the answer took too long, try again",
    ))
}

/// Reads a request, each part only once the parts before it are believed.
async fn admit(
    around: &Around<'_>,
    request: &HttpRequest,
    payload: Payload,
) -> Result<(Sent, Arc<Known>), Declined> {
    let presented = Presented::of(request.headers());
    around
        .known_that(|known| presented.before_the_body(known))
        .await?;
    let body = body::read(payload, body::MAX_CALL_BYTES).await;
    let body = body.map_err(|unread| Declined::Call(unread.into()))?;
    let known = around
        .known_that(|known| presented.of_body(&body, known))
        .await?;
    let message = Message::read(&body).map_err(Declined::NotUnderstood)?;
    let sent = Sent {
        presented,
        body,
        message,
    };
    if sent.presented.for_extension(&sent.message, &known).is_ok() {
        return Ok((sent, known));
    }
    let known = around.known_that(|known| sent.check(known)).await?;
    Ok((sent, known))
}

impl Around<'_> {
    /// The extension, if it lets the request in: as it is in memory, or else as it is stored.
    async fn known_that(
        &self,
        lets_in: impl Fn(&Known) -> Result<(), NotAdmitted>,
    ) -> Result<Arc<Known>, Declined> {
        let (extensions, db) = (&self.cek.extensions, &self.state.db);
        let known = extensions.find(&self.client, db, self.now).await?;
        let known = known.ok_or(Declined::Unknown)?;
        let Err(refused) = lets_in(&known) else {
            return Ok(known);
        };
        let anew = extensions.find_anew(&self.client, db, self.now).await?;
        let anew = anew.ok_or(Declined::Unknown)?;
        if Arc::ptr_eq(&known, &anew) {
            return Err(refused.into());
        }
        lets_in(&anew)?;
        Ok(anew)
    }

    /// Where the extension is stored otherwise than it was known, the request is checked again.
    fn confirm(
        &self,
        sent: &Sent,
        known: &mut Arc<Known>,
        stored: Extension,
    ) -> Result<(), Declined> {
        if stored != known.extension {
            *known = self.cek.extensions.learn(stored);
            sent.check(known)?;
        }
        Ok(())
    }
}

impl Sent {
    fn check(&self, known: &Known) -> Result<(), NotAdmitted> {
        self.presented.of_body(&self.body, known)?;
        self.presented.for_extension(&self.message, known)
    }
}

async fn settle(
    around: &Around<'_>,
    sent: &Sent,
    known: &mut Arc<Known>,
    event: &Event,
) -> Result<HttpResponse, Declined> {
    let (client, db, now) = (&around.client, &around.state.db, around.now);
    events::check(&event.what, now).map_err(Declined::NotUnderstood)?;
    let stored = store::find_extension(db, client, now).await?;
    around.confirm(sent, known, stored.ok_or(Declined::Unknown)?)?;
    let told = (client, &*sent.body);
    events::settle(&event.what, told, &around.cek.learned, db, now).await?;
    let language = known.extension.language;
    Ok(answer::silence(event.version.as_deref(), language))
}

async fn turned(
    around: &Around<'_>,
    sent: &Sent,
    known: &mut Arc<Known>,
    turn: &Turn,
) -> Result<HttpResponse, Declined> {
    let extension = &known.extension;
    if turn.is_over && extension.answer == CekAnswer::Speech {
        let version = turn.version.as_deref();
        return Ok(answer::silence(version, extension.language));
    }
    let resolved = resolve(around, sent, known, &turn.speaker).await?;
    let extension = &known.extension;
    match extension.answer {
        CekAnswer::Account => Ok(account(&resolved)),
        CekAnswer::Speech => speak(around, extension, turn, &resolved),
    }
}

async fn at_home(
    around: &Around<'_>,
    sent: &Sent,
    known: &mut Arc<Known>,
    home: &Home,
) -> Result<HttpResponse, Declined> {
    let resolved = resolve(around, sent, known, &home.speaker).await?;
    Ok(match known.extension.answer {
        CekAnswer::Account => account(&resolved),
        // There are no appliances here.
        CekAnswer::Speech => answer::home("UnsupportedOperationError", &*around.state.random),
    })
}

fn account(resolved: &Resolved) -> HttpResponse {
    HttpResponse::Ok().json(Answer::of(resolved))
}

/// The link that a speaker's token stands for. Nothing but the token tells it.
async fn resolve(
    around: &Around<'_>,
    sent: &Sent,
    known: &mut Arc<Known>,
    speaker: &Speaker,
) -> Result<Resolved, Declined> {
    let (state, now) = (around.state, around.now);
    let text = speaker.token.as_deref().ok_or(Declined::Token(None))?;
    let refused = |refused| Declined::Token(Some(refused));
    let verified = AccessToken::verify(text, &state.keys, state.public_url.issuer(), now).await?;
    let token = verified.map_err(|not_good| refused(around.resolver.refuse(not_good, now)))?;
    let asked = Asked {
        client: around.client.clone(),
        link: token.link_id,
        now,
    };
    let asked = around.requests.find(asked).await?;
    let (stored, found) = asked.ok_or(Declined::Unknown)?;
    around.confirm(sent, known, stored)?;
    let client = Some(&around.client);
    let judged = around.resolver.judge(&token, found, client, now);
    let resolved = judged.map_err(refused)?;
    if let Some(user_id) = &speaker.user_id
        && sent.presented.proves(&sent.message, known)
    {
        let learned = &around.cek.learned;
        learned.note(&around.client, user_id, token.link_id, now);
    }
    Ok(resolved)
}

fn speak(
    around: &Around<'_>,
    extension: &Extension,
    turn: &Turn,
    resolved: &Resolved,
) -> Result<HttpResponse, Declined> {
    let version = turn.version.as_deref();
    let say = |text: &str| answer::speech(version, extension.language, text);
    let linked = || say(&answer::sentence(extension.language, "", "cek-linked"));
    if extension.speech.is_empty() {
        return Ok(linked());
    }
    let broken = |error: anyhow::Error| Declined::Call(OAuthError::server_error(error));
    let template = Template::parse(&extension.speech).map_err(|error| broken(error.into()))?;
    let needed = template.needed_scopes();
    if !needed.iter().all(|scope| resolved.scopes.contains(scope)) {
        around.resolver.recorder.record(
            History::new(EventKind::AccessRefused, around.now)
                .link(resolved.found.link_id)
                .detail("the CEK speech needs a scope that the access token lacks"),
        );
        return Err(Declined::Scope(ScopeSet::from_names(needed).ok()));
    }
    let rendered = template.render(&Values {
        account: resolved.found.account.subject(),
        entity: &|name| turn.slot(name),
        arguments: &[],
    });
    let text = rendered.map_err(|too_large| broken(too_large.into()))?;
    Ok(if text.trim().is_empty() {
        linked()
    } else {
        say(&text)
    })
}
