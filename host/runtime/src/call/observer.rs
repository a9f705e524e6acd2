//! Observing plugin calls as they complete.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::api::call_name::CallName;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::ports::DecisionError;

/// One completed call into a plugin, as shown to the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginCall {
    /// Id of the plugin, or `(none)` when no plugin serves the capability.
    pub plugin: String,
    /// Function of the contract, e.g. `pricing.price`.
    pub function: &'static str,
    /// Wall-clock time of the call, including the wait for a permit and for requests.
    pub elapsed: Duration,
    /// `ok`, `rejected`, `unavailable`, `misconfigured`, `unsupported`, or the code of the fault, e.g. `cpu-budget`.
    pub outcome: &'static str,
    /// Message for the operator. `None` for `ok`, `unavailable` and `unsupported`.
    pub detail: Option<String>,
}

impl PluginCall {
    pub(crate) fn of(name: CallName, elapsed: Duration, error: Option<&DecisionError>) -> Self {
        let outcome = match error {
            None => "ok",
            Some(DecisionError::Rejected(_)) => "rejected",
            Some(DecisionError::Unavailable { .. }) => "unavailable",
            Some(DecisionError::Misconfigured { .. }) => "misconfigured",
            Some(DecisionError::Unsupported { .. }) => "unsupported",
            Some(DecisionError::Fault { fault, .. }) => fault,
        };
        let detail = error.and_then(|error| match error {
            DecisionError::Fault { detail, .. } | DecisionError::Misconfigured { detail, .. } => Some(detail.clone()),
            DecisionError::Rejected(rejection) => Some(format!("{}: {}", rejection.code, rejection.message)),
            DecisionError::Unavailable { .. } | DecisionError::Unsupported { .. } => None,
        });
        Self {
            plugin: name.plugin,
            function: name.function.name(),
            elapsed,
            outcome,
            detail,
        }
    }
}

/// Receives every plugin call of a checkout, successful or not, charges included.
pub trait Observer: Send + Sync + fmt::Debug {
    /// Handle a call that completed for this session. Runs in the task that waits for the result, so it must not block.
    fn called(&self, session: &SessionId, call: &PluginCall);
}

/// An observer together with the session whose calls it receives.
#[derive(Clone, Debug)]
pub(crate) struct Witness {
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) session: SessionId,
}

impl Witness {
    pub(crate) fn tell(&self, call: &PluginCall) {
        self.observer.called(&self.session, call);
    }
}
