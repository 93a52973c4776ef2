//! What platforms are told, and what they are not.

use std::{borrow::Cow, fmt};

use sqlx::error::{DatabaseError, ErrorKind};

use super::*;

/// What PostgreSQL answers with that SQLSTATE.
#[derive(Debug)]
struct Answered(&'static str);

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Answered {}

impl DatabaseError for Answered {
    fn message(&self) -> &str {
        self.0
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(self.0.into())
    }

    fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

#[test]
fn each_code_has_the_status_a_platform_expects() {
    for (code, text, status) in [
        (ErrorCode::InvalidRequest, "invalid_request", 400),
        (ErrorCode::InvalidClient, "invalid_client", 401),
        (ErrorCode::InvalidGrant, "invalid_grant", 400),
        (ErrorCode::UnauthorizedClient, "unauthorized_client", 400),
        (
            ErrorCode::UnsupportedGrantType,
            "unsupported_grant_type",
            400,
        ),
        (ErrorCode::InvalidScope, "invalid_scope", 400),
        (ErrorCode::ServerError, "server_error", 500),
        (
            ErrorCode::TemporarilyUnavailable,
            "temporarily_unavailable",
            503,
        ),
        (ErrorCode::InvalidToken, "invalid_token", 401),
        (ErrorCode::InsufficientScope, "insufficient_scope", 403),
    ] {
        assert_eq!((code.as_str(), code.status()), (text, status));
    }
}

#[test]
fn the_body_is_the_rfcs_and_never_names_the_cause() {
    let error = OAuthError::invalid_grant("the code is unknown")
        .caused_by(anyhow::anyhow!("relation link does not exist"));
    assert_eq!(
        serde_json::to_value(&error).unwrap(),
        serde_json::json!({"error": "invalid_grant", "error_description": "the code is unknown"})
    );
    assert_eq!(
        error.cause().unwrap().to_string(),
        "relation link does not exist"
    );
}

#[test]
fn a_description_holds_only_the_rfcs_characters() {
    for good in ["", "the code is unknown", "expected 'S256' (RFC 7636)"] {
        assert!(is_permitted(good), "{good}");
    }
    for bad in [
        "a \"quote\"",
        "back\\slash",
        "line\r\nbreak",
        "tab\t",
        "코드",
        "\u{7f}",
    ] {
        assert!(!is_permitted(bad), "{bad:?}");
    }
}

#[test]
fn a_database_that_is_away_is_503_and_a_bug_is_500() {
    let away = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    for (error, status) in [
        (sqlx::Error::Io(away), 503),
        (sqlx::Error::PoolTimedOut, 503),
        (sqlx::Error::WorkerCrashed, 503),
        (sqlx::Error::RowNotFound, 500),
        (sqlx::Error::ColumnNotFound("scope".into()), 500),
    ] {
        assert_eq!(OAuthError::from(error).status(), status);
    }
    assert_eq!(
        OAuthError::from(anyhow::Error::from(sqlx::Error::PoolClosed)).status(),
        503
    );
    assert_eq!(OAuthError::from(anyhow::anyhow!("a bug")).status(), 500);
}

#[test]
fn a_statement_timeout_or_failover_passes_and_a_broken_constraint_does_not() {
    for state in [
        "08006", "40001", "40P01", "53300", "57014", "57P01", "55P03", "25006", "25P03", "28P01",
        "3D000",
    ] {
        assert!(passing_sqlstate(state), "{state}");
    }
    for state in ["23505", "42P01", "22021", "25001"] {
        assert!(!passing_sqlstate(state), "{state}");
    }
}

#[test]
fn what_the_database_answers_decides_whose_fault_it_is() {
    for (state, status, code) in [
        ("40001", 503, ErrorCode::TemporarilyUnavailable),
        ("22021", 400, ErrorCode::InvalidRequest),
        ("22P05", 400, ErrorCode::InvalidRequest),
        ("23505", 500, ErrorCode::ServerError),
    ] {
        let refusal = OAuthError::from(sqlx::Error::Database(Box::new(Answered(state))));
        assert_eq!(
            (refusal.status(), refusal.code()),
            (status, code),
            "{state}"
        );
        let cause = refusal.into_cause().unwrap();
        assert!(cause.to_string().contains(state), "{cause}");
    }
}

#[test]
fn when_to_come_again_is_said_only_where_it_is_known() {
    let refusal = OAuthError::invalid_client("too often");
    assert_eq!(refusal.retry_seconds(), None);
    assert_eq!(refusal.retry_after(7).retry_seconds(), Some(7));
}
