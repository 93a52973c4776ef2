//! Sees the error pages that people meet on their way, whichever handler they come from.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};

use super::{Reason, Step, StepKind};
use crate::{
    event::Recorder,
    web::{page_error::PageError, pages::Problem, state::AppState},
};

/// Notes the error page that a request of a flow ends in.
pub async fn watch(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let response = next.call(request).await?;
    if let Some(step) = failed_page(&response)
        && let Some(recorder) = response.request().app_data::<Data<Recorder>>()
    {
        recorder.record_step(step);
    }
    Ok(response)
}

fn failed_page<B>(response: &ServiceResponse<B>) -> Option<Step> {
    let error = response.response().error()?.as_error::<PageError>()?;
    let now = response.request().app_data::<Data<AppState>>()?.clock.now();
    let problem = error.problem();
    let step = Step::of_request(response.request(), StepKind::PageFailed, now)?;
    let step = step.because(Reason::of_problem(&problem));
    Some(match problem {
        Problem::BadRequest { reason, .. } | Problem::UnknownClient { reason } => {
            step.detail(&reason)
        }
        _ => step,
    })
}
