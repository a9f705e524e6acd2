//! A plugin in a trial, set up from command-line options.

use std::sync::Arc;

use super::error::VerbError;
use super::options::PluginOptions;
use super::target_plugin::{BuiltPlugin, PluginSource, join_lines};
use tillhouse_egress::Client;
use tillhouse_runtime::trial::{Exported, Parameter, Trial};
use tillhouse_runtime::{Component, EngineSettings, SharedEngine};
use tillhouse_server::clock_and_ids::SystemClock;

/// Maximum number of instances in a trial's engine. Few are enough: calls are sequential.
const MAX_INSTANCES: u32 = 8;

/// Engine settings of every trial on the command line.
pub(super) fn settings(metered: bool) -> EngineSettings {
    EngineSettings {
        max_instances: MAX_INSTANCES,
        workers: 1,
        metered,
        ..EngineSettings::default()
    }
}

/// Load the plugin into a trial, with configuration, catalog, upstreams and secrets as given.
pub(super) async fn load_trial(
    settings: &EngineSettings,
    source: &PluginSource,
    plugin: &BuiltPlugin,
    options: &PluginOptions,
) -> Result<(Trial, Arc<Component>), VerbError> {
    options.validate_config(source, plugin)?;
    let machine = |error: &dyn std::fmt::Display| VerbError::Machine(error.to_string());
    let code = SharedEngine::new(settings).map_err(|error| machine(&error))?;
    let client = Client::new().map_err(|error| machine(&error))?;
    let trial = Trial::new(code, settings, Arc::new(SystemClock), client).map_err(|error| machine(&error))?;
    let component = trial.load(plugin.artifact.bytes.clone()).await;
    let component = component.map_err(|error| VerbError::Plugin(error.to_string()))?;
    let binding = options.binding(source, plugin, Arc::clone(&component))?;
    let installed = trial.install(binding, options.catalog(source)?, options.currency).await;
    installed.map_err(|problems| VerbError::Plugin(format!("configuration:\n{}", join_lines(&problems))))?;
    Ok((trial, component))
}

/// Signatures of the functions that a component exports, one per line.
pub(super) fn signatures(exported: &[Exported]) -> String {
    let line = |it: &Exported| format!("  {}", signature(it));
    exported.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Signature such as `pricing.price(cart)`. Parameters with a default value are in brackets.
pub(super) fn signature(exported: &Exported) -> String {
    let shown = |parameter: &Parameter| match parameter.generated {
        true => format!("[{}]", parameter.name),
        false => parameter.name.clone(),
    };
    let parameters: Vec<String> = exported.parameters.iter().map(shown).collect();
    format!("{}({})", exported.function.name(), parameters.join(", "))
}
