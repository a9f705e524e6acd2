//! Operations on trials: open and close them, and install plugins.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tillhouse_plugin_protocol::trial::{self, Close, ConfigDiagnostic, Install, Installed, Open, Opened, TrialId};
use tillhouse_plugin_protocol::{Done, RequestError, RequestErrorKind};
use tokio::sync::Mutex;

use super::engine;
use super::lookups::{catalog, currency};
use super::perform::{Perform, problem};
use super::server_state::ServerState;
use super::shops::FrozenClock;
use tillhouse_checkout::ids::PluginId;
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::time::Timestamp;
use tillhouse_egress::{Client, Upstream};
use tillhouse_runtime::Binding;
use tillhouse_runtime::trial::Trial;

/// Time of a trial's clock: 2026-01-01T00:00:00Z. The time that plugins see comes with each request.
const NOW: Timestamp = Timestamp(1_767_225_600_000);

/// An open trial, with its lock.
#[derive(Debug)]
pub(super) struct OpenTrial {
    pub(super) trial: Trial,
    /// Held during a call: a trial can record only one call at a time.
    pub(super) call_lock: Mutex<()>,
}

/// Create a trial without a plugin.
pub(super) fn new_trial(state: &ServerState) -> Result<Trial, RequestError> {
    let code = state.engines.of_trials(state.code_folder())?;
    let settings = engine::trial_settings(state.code_folder());
    let client = Client::new().map_err(|error| problem(RequestErrorKind::Machine)(&error))?;
    Trial::new(code, &settings, Arc::new(FrozenClock(NOW)), client)
        .map_err(|error| problem(RequestErrorKind::Machine)(&error))
}

impl Perform for Open {
    async fn perform(self, state: &ServerState) -> Result<Opened, RequestError> {
        let open_trial = OpenTrial {
            trial: new_trial(state)?,
            call_lock: Mutex::default(),
        };
        let trial = TrialId(state.trials.add(Arc::new(open_trial)));
        Ok(Opened { trial })
    }
}

impl Perform for Close {
    async fn perform(self, state: &ServerState) -> Result<Done, RequestError> {
        state.trials.take(self.trial.0).map(|_| Done {})
    }
}

impl Perform for Install {
    async fn perform(self, state: &ServerState) -> Result<Installed, RequestError> {
        let open_trial = state.trials.get(self.trial.0)?;
        let binding = bind(state, self.binding)?;
        let fallback = self.fallback.map(|fallback| bind(state, fallback)).transpose()?;
        let (catalog, currency) = (catalog(&self.catalog)?, currency(&self.currency)?);
        let _guard = open_trial.call_lock.lock().await;
        let trial = &open_trial.trial;
        let installed = trial
            .install_over(binding, fallback.map(Arc::new), catalog, currency)
            .await;
        let problems = installed.err().unwrap_or_default().into_iter();
        Ok(Installed {
            problems: problems
                .map(|problem| ConfigDiagnostic {
                    plugin: problem.place.source().unwrap_or_default().to_owned(),
                    key: problem.place.key().unwrap_or_default().to_owned(),
                    message: problem.message,
                })
                .collect(),
        })
    }
}

fn bind(state: &ServerState, wanted: trial::Binding) -> Result<Binding, RequestError> {
    let component = state.components.get(wanted.component.0)?;
    let mut binding = Binding::new(PluginId::new(wanted.plugin), wanted.version, component);
    binding.config = wanted.config;
    let secrets = wanted.secrets.into_iter();
    binding.secrets = secrets
        .map(|(name, value)| (name, Arc::new(Secret::new(value.reveal().to_owned()))))
        .collect();
    binding.upstreams = grant_upstreams(wanted.upstreams)?;
    Ok(binding)
}

fn grant_upstreams(wanted: BTreeMap<String, trial::Upstream>) -> Result<BTreeMap<String, Upstream>, RequestError> {
    let grant = |(name, wanted): (String, trial::Upstream)| {
        let upstream = Upstream::new(name.as_str(), &wanted.base_url);
        let mut upstream = upstream.map_err(|error| problem(RequestErrorKind::Configuration)(&error))?;
        upstream.allow_http = true;
        upstream.allow_private = true;
        upstream.secrets = wanted.secrets;
        upstream.credential_slots = wanted.credential_slots;
        upstream.timeout = wanted.timeout_ms.map_or(upstream.timeout, Duration::from_millis);
        Ok((name, upstream))
    };
    wanted.into_iter().map(grant).collect()
}
