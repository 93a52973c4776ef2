//! `GET /health/live`, `/health/ready` and `/metrics`, on a listener of their own.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix_web::{HttpResponse, web::Data};
use serde_json::json;

use super::store;
use crate::{
    cek::Cek,
    chatbot::manner::Manners,
    event::Recorder,
    foundation::coalesce::meter::{self, Meter},
    mail::Mailer,
    web::state::AppState,
};

/// Set when the server is about to stop, so that a balancer sends no more.
#[derive(Default)]
pub struct Stopping(pub AtomicBool);

/// The process runs.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// The server can do its work: it is not stopping, and the database answers.
#[tracing::instrument(name = "health.ready", skip_all)]
pub async fn ready(state: Data<AppState>, stopping: Data<Stopping>) -> HttpResponse {
    if stopping.0.load(Ordering::Relaxed) {
        return HttpResponse::ServiceUnavailable().json(json!({ "status": "stopping" }));
    }
    match store::ping(&state.db).await {
        Ok(()) => HttpResponse::Ok().json(json!({ "status": "ok" })),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            HttpResponse::ServiceUnavailable()
                .json(json!({ "status": "unavailable", "reason": "database" }))
        }
    }
}

/// Prometheus text.
pub async fn metrics(
    state: Data<AppState>,
    recorder: Data<Recorder>,
    manners: Data<Manners>,
    cek: Data<Cek>,
    meters: Data<Vec<Arc<Meter>>>,
    mailer: Data<Mailer>,
) -> HttpResponse {
    let [sent, failed, given_up] = mailer.counts();
    let batches = meter::prometheus(meters.iter().map(|meter| &**meter)).unwrap_or_default();
    let (size, idle) = (state.db.size(), state.db.num_idle());
    let text = format!(
        "# HELP linkgate_database_connections Open connections to PostgreSQL.\n\
         # TYPE linkgate_database_connections gauge\n\
         linkgate_database_connections{{state=\"open\"}} {size}\n\
         linkgate_database_connections{{state=\"idle\"}} {idle}\n\
         # HELP linkgate_events_dropped_total Events that did not fit into the queue.\n\
         # TYPE linkgate_events_dropped_total counter\n\
         linkgate_events_dropped_total {}\n\
         # HELP linkgate_attempt_steps_dropped_total Steps of attempts that did not fit into the queue.\n\
         # TYPE linkgate_attempt_steps_dropped_total counter\n\
         linkgate_attempt_steps_dropped_total {}\n\
         # HELP linkgate_attempt_steps_skipped_total Steps before a login that were left out because there were too many.\n\
         # TYPE linkgate_attempt_steps_skipped_total counter\n\
         linkgate_attempt_steps_skipped_total {}\n\
         # HELP linkgate_actions_busy_total Calls of actions that could not be answered in time or at all.\n\
         # TYPE linkgate_actions_busy_total counter\n\
         linkgate_actions_busy_total {}\n\
         # HELP linkgate_cek_refused_total CEK requests that were unsigned, forged or meant for another extension.\n\
         # TYPE linkgate_cek_refused_total counter\n\
         linkgate_cek_refused_total {}\n\
         # HELP linkgate_cek_busy_total CEK requests that could not be answered in time or at all.\n\
         # TYPE linkgate_cek_busy_total counter\n\
         linkgate_cek_busy_total {}\n\
         # HELP linkgate_logins_failed_total Logins that failed at this node.\n\
         # TYPE linkgate_logins_failed_total counter\n\
         linkgate_logins_failed_total {}\n\
         # HELP linkgate_logins_failing Whether more logins than the alarm's limit fail, at all nodes together.\n\
         # TYPE linkgate_logins_failing gauge\n\
         linkgate_logins_failing {}\n\
         # HELP linkgate_mails_sent_total Mails that the mail server took from this node.\n\
         # TYPE linkgate_mails_sent_total counter\n\
         linkgate_mails_sent_total {sent}\n\
         # HELP linkgate_mails_failed_total Tries to send a mail that failed at this node.\n\
         # TYPE linkgate_mails_failed_total counter\n\
         linkgate_mails_failed_total {failed}\n\
         # HELP linkgate_mails_given_up_total Mails that this node can't send and tries no more.\n\
         # TYPE linkgate_mails_given_up_total counter\n\
         linkgate_mails_given_up_total {given_up}\n",
        recorder.dropped(),
        recorder.dropped_steps(),
        recorder.skipped_steps(),
        manners.busy(),
        cek.refused(),
        cek.busy(),
        state.limits.failed_logins(),
        u8::from(state.limits.is_alarmed(state.clock.now())),
    );
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(text + &batches)
}
