//! Logs go to standard error through `env_logger`; `RUST_LOG` chooses what is shown.

/// Starts logging at level `info`, or as `RUST_LOG` says.
pub fn init() {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info"))
        .format_target(true)
        .init();
}
