//! `/admin/clients/{id}/setup`: the way to the first speaker that answers, with check marks for what
//! the platform was really seen to do.

mod way;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use self::way::{Facts, Mark, Step, What};
use super::{address, find};
use crate::{
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        field::Field,
        guard::{Opened, Operator, Posted, Viewer},
        when::When,
    },
    chatbot::store::list_actions,
    client::{Client, preset::Preset},
    event::{
        attempt::{
            listing::{
                Filter, Standing,
                store::{list_attempts, list_steps},
            },
            story::{self, Verdict},
        },
        milestone::store::list_milestones,
    },
    simulate::{self, Here, Options, Report, Surroundings},
    web::page_error::PageError,
};

#[derive(Template)]
#[template(path = "admin/clients/setup.html")]
struct SetupPage<'a> {
    chrome: Chrome,
    client: &'a Client,
    here: String,
    platform: String,
    issuer: String,
    steps: Vec<StepLine>,
    /// How many steps are done, of those that linking needs.
    done: usize,
    needed: usize,
    /// The newest try that failed, if nobody linked since.
    trouble: Option<Trouble>,
    first_action: Option<String>,
    simulation: Simulation,
}

/// A step, ready to print.
struct StepLine {
    what: What,
    /// Its class, and what stands in its dot.
    mood: &'static str,
    /// What was seen, in words.
    seen: &'static str,
    last: Option<When>,
    optional: bool,
    /// Whether it is the one to do now.
    next: bool,
}

struct Trouble {
    code: String,
    when: When,
    verdict: Verdict,
}

/// What was filled in, and what came of it.
#[derive(Default)]
struct Simulation {
    email: Field,
    refused: Option<String>,
    report: Option<Report>,
}

/// `GET /admin/clients/{id}/setup`
#[tracing::instrument(name = "admin.clients.setup", skip_all)]
pub async fn show(opened: Opened<Viewer>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let client = find(&console, id.into_inner()).await?;
    console.page(&page_of(&console, &client, Simulation::default()).await?)
}

/// `POST /admin/clients/{id}/setup`: plays the platform against this server, as `linkgate simulate`.
#[tracing::instrument(name = "admin.clients.simulate", skip_all)]
pub async fn play(
    posted: Posted<Operator>,
    (id, simulated): (Path<String>, Data<Here>),
) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = posted;
    let client = find(&console, id.into_inner()).await?;
    let options = Options {
        client_id: client.id.clone(),
        email: form.text("email").to_owned(),
        password: SecretString::from(form.parameters.get("password").unwrap_or_default()),
        base_url: simulated.0.clone(),
    };
    let mut simulation = Simulation {
        email: Field::new(form.text("email")),
        ..Simulation::default()
    };
    match run(options, &console).await? {
        Ok(report) => {
            let went = if report.ok {
                "all went well"
            } else {
                "one failed"
            };
            let detail = format!("simulated: {} steps, {went}", report.steps.len());
            console.record(detail, |event| event.client(&client.id));
            simulation.report = Some(report);
        }
        Err(refused) => simulation.refused = Some(format!("{refused:#}")),
    }
    console.page(&page_of(&console, &client, simulation).await?)
}

/// In a task of its own: an admin who closes the page must not leave half a simulation behind.
async fn run(options: Options, console: &Console) -> Result<anyhow::Result<Report>, PageError> {
    let state = console.state.clone();
    let playing = actix_web::rt::spawn(async move {
        let surroundings = Surroundings {
            db: &state.db,
            clock: &*state.clock,
            random: &*state.random,
        };
        let never = std::future::pending();
        simulate::run(&options, surroundings, &mut |_| {}, never).await
    });
    playing
        .await
        .map_err(|error| PageError::internal(anyhow::Error::new(error)))
}

async fn page_of<'a>(
    console: &Console,
    client: &'a Client,
    simulation: Simulation,
) -> Result<SetupPage<'a>, PageError> {
    let (state, now) = (&console.state, console.now);
    let actions = list_actions(&state.db, &client.id).await?;
    let reached = list_milestones(&state.db, &client.id).await?;
    let facts = Facts {
        client,
        reached: &reached,
        actions: actions.len(),
    };
    let mut steps = facts.steps();
    // What was just played is not written yet.
    if simulation.report.as_ref().is_some_and(|report| report.ok) {
        let played = steps.iter_mut().find(|step| step.what == What::Simulate);
        if let Some(step) = played {
            step.mark = Mark::Seen(now, now);
        }
    }
    let needed = || steps.iter().filter(|step| !step.optional);
    let next = needed().find(|step| !step.is_done()).map(|step| step.what);
    let platform = Preset::find(&client.preset).map(|preset| preset.platform.to_owned());
    Ok(SetupPage {
        chrome: console.chrome(Some(Section::Clients)),
        client,
        here: address(client, ""),
        platform: platform.unwrap_or_else(|| client.preset.clone()),
        issuer: state.public_url.issuer().to_owned(),
        done: needed().filter(|step| step.is_done()).count(),
        needed: needed().count(),
        steps: steps
            .iter()
            .map(|step| StepLine::new(step, next, now))
            .collect(),
        trouble: trouble(console, client).await?,
        first_action: actions.into_iter().next().map(|action| action.name),
        simulation,
    })
}

/// The newest attempt, if that failed.
async fn trouble(console: &Console, client: &Client) -> Result<Option<Trouble>, PageError> {
    let (db, now) = (&console.state.db, console.now);
    let filter = Filter {
        client: Some(client.id.clone()),
        ..Filter::default()
    };
    let newest = list_attempts(db, &filter, (1, 0), now).await?;
    let has_failed = |standing| matches!(standing, Standing::Failed | Standing::Stopped);
    let Some(attempt) = newest.first().filter(|one| has_failed(one.standing(now))) else {
        return Ok(None);
    };
    let steps = list_steps(db, &attempt.code).await?;
    Ok(Some(Trouble {
        code: attempt.code.to_string(),
        when: When::new(attempt.last_at, now),
        verdict: story::verdict(attempt, &steps, now),
    }))
}

impl StepLine {
    fn new(step: &Step, next: Option<What>, now: DateTime<Utc>) -> Self {
        let (seen, last) = match step.mark {
            Mark::Seen(_, last) => ("seen", Some(last)),
            Mark::Played(last) => ("only by the simulator", Some(last)),
            Mark::Stored => ("stored here", None),
            Mark::Missing if step.optional => ("optional", None),
            Mark::Missing => ("not seen yet", None),
        };
        Self {
            what: step.what,
            mood: if step.is_done() { "done" } else { "" },
            seen,
            last: last.map(|at| When::new(at, now)),
            optional: step.optional,
            next: next == Some(step.what),
        }
    }
}

impl SetupPage<'_> {
    fn is_whole(&self) -> bool {
        self.done == self.needed
    }

    /// The URL of an action method, with the name of one there is.
    fn action_url(&self) -> String {
        let action = self.first_action.as_deref().unwrap_or("ACTION");
        format!("{}/action/{}/{action}", self.issuer, self.client.id)
    }

    fn cek_url(&self) -> String {
        format!("{}/cek/{}", self.issuer, self.client.id)
    }
}
