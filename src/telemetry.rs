//! Logs: to stderr, so that stdout stays for a command's answer.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::LogFormat;

/// Starts logging; once, at the start of the process.
pub fn start(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    let started = match format {
        LogFormat::Text => registry
            .with(
                fmt::layer()
                    .with_writer(std::io::stderr)
                    .with_ansi(std::io::stderr().is_terminal()),
            )
            .try_init(),
        LogFormat::Json => registry
            .with(fmt::layer().json().with_writer(std::io::stderr))
            .try_init(),
    };
    // Somebody who embeds the server may have set up logs of their own.
    drop(started);
    std::panic::set_hook(Box::new(|panic| {
        // Where, and not what: the message of a failed slice quotes the text that was sliced, which
        // may be a stranger's, or a secret.
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panicked");
    }));
}
