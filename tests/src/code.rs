//! Compiled plugins: compiled once per process, and cached on disk from one run to the next.

use std::path::PathBuf;
use std::sync::OnceLock;

use tillhouse_runtime::{EngineSettings, SharedEngine};
use tillhouse_server::config::MaximumLimits;
use toml::Table;

use crate::bundled_plugins::{SHOP, component};

/// Keys of `[plugins]` that change the engine, so that its compiled code cannot be shared.
const OF_THE_ENGINE: [&str; 5] = [
    "max_instances",
    "memory_bytes",
    "table_elements",
    "component_bytes",
    "maximum",
];

/// Compiled code that the hosts of this process share; `None` for a host whose engine is configured differently. Compiling the
/// bundled plugins takes longer than most tests.
pub(crate) fn shared(settings: &Table) -> Option<SharedEngine> {
    static CODE: OnceLock<SharedEngine> = OnceLock::new();
    let plugins = settings.get("plugins").and_then(toml::Value::as_table);
    let is_special = plugins.is_some_and(|plugins| OF_THE_ENGINE.iter().any(|key| plugins.contains_key(*key)));
    let code = || {
        let settings = EngineSettings {
            code_folder: Some(folder()),
            room: MaximumLimits::default().room(),
            ..EngineSettings::default()
        };
        SharedEngine::new(&settings).expect("the default engine can be created")
    };
    (!is_special).then(|| CODE.get_or_init(code).clone())
}

/// Folder in which the hosts of tests cache compiled code: beside the components themselves.
pub(crate) fn folder() -> PathBuf {
    component(SHOP).with_file_name("compiled")
}
