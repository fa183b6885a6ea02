//! Logs go to standard error through `env_logger`; `RUST_LOG` chooses what is shown.

/// Starts logging at level `info`, or as `RUST_LOG` says. What the framework tells of its own workings and of strangers'
/// malformed requests is left out.
pub fn init() {
    let level = env_logger::Env::default().default_filter_or("info,actix_server=warn,actix_http=off");
    env_logger::Builder::from_env(level).init();
}
