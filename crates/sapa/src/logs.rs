//! Log lines on standard error: for people on a terminal, as JSON otherwise.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Starts logging. `SAPA_LOG` filters as `RUST_LOG` would (`info` unless told); `SAPA_LOG_FORMAT` is `json` or `text`.
pub fn start() {
    let filter = std::env::var("SAPA_LOG").unwrap_or_else(|_| "info,sqlx=warn,hyper=warn".to_owned());
    let json = match std::env::var("SAPA_LOG_FORMAT").as_deref() {
        Ok("json") => true,
        Ok("text") => false,
        _ => !std::io::stderr().is_terminal(),
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        // A line that cannot be written, such as to a full disk, is left out. Telling of that on standard error would fail as
        // well, and end what was at work.
        .log_internal_errors(false);
    if json {
        builder.json().init();
    } else {
        builder.init();
    }
}
