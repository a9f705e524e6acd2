//! Configuration validation that traps or never ends, on request.

use tillhouse_plugin::prelude::*;

use crate::{Hostile, attack};

impl Lifecycle for Hostile {
    fn describe() -> Info {
        Info::new(
            "hostile-plugin",
            env!("CARGO_PKG_VERSION"),
            "Breaks every rule on request.",
        )
    }

    fn validate_config() -> Vec<Diagnostic> {
        attack::run(&config::get("validate-mode").unwrap_or_default());
        Vec::new()
    }
}
