//! A plugin in a trial (dry run), set up from command-line options.

use std::sync::Arc;

use super::given::Given;
use super::subject::{Found, Subject, lines};
use super::wrong::Wrong;
use tillhouse_egress::Client;
use tillhouse_runtime::trial::{Exported, Parameter, Trial};
use tillhouse_runtime::{Code, Component, EngineSettings};
use tillhouse_server::system::SystemClock;

/// Maximum number of instances in a trial's engine. Few are enough: calls are sequential.
const INSTANCES: u32 = 8;

/// Engine settings of every trial on the command line.
pub(super) fn settings(metered: bool) -> EngineSettings {
    EngineSettings {
        max_instances: INSTANCES,
        workers: 1,
        metered,
        ..EngineSettings::default()
    }
}

/// Load the plugin into a trial, with configuration, catalog, upstreams and secrets as given.
pub(super) async fn trial(
    settings: &EngineSettings,
    found: &Found,
    subject: &Subject,
    given: &Given,
) -> Result<(Trial, Arc<Component>), Wrong> {
    given.judge(found, subject)?;
    let machine = |error: &dyn std::fmt::Display| Wrong::Machine(error.to_string());
    let code = Code::new(settings).map_err(|error| machine(&error))?;
    let client = Client::new().map_err(|error| machine(&error))?;
    let trial = Trial::new(code, settings, Arc::new(SystemClock), client).map_err(|error| machine(&error))?;
    let component = trial.load(subject.candidate.bytes.clone()).await;
    let component = component.map_err(|error| Wrong::Plugin(error.to_string()))?;
    let binding = given.binding(found, subject, Arc::clone(&component))?;
    let installed = trial.install(binding, given.catalog(found)?, given.currency).await;
    installed.map_err(|problems| Wrong::Plugin(format!("configuration:\n{}", lines(&problems))))?;
    Ok((trial, component))
}

/// Signatures of the functions that a component exports, one per line.
pub(super) fn listed(exported: &[Exported]) -> String {
    let line = |it: &Exported| format!("  {}", signature(it));
    exported.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Signature such as `pricing.price(cart)`. Parameters with a default value are in brackets.
pub(super) fn signature(exported: &Exported) -> String {
    let shown = |parameter: &Parameter| match parameter.made_up {
        true => format!("[{}]", parameter.name),
        false => parameter.name.clone(),
    };
    let parameters: Vec<String> = exported.parameters.iter().map(shown).collect();
    format!("{}({})", exported.function.name(), parameters.join(", "))
}
