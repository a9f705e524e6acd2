//! Observing plugin calls as they complete.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::api::call_name::CallName;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::ports::{DecisionError, PluginFault};

/// One completed call into a plugin, as shown to the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginCall {
    /// Id of the plugin, or `(none)` when no plugin serves the capability.
    pub plugin: String,
    /// Function of the contract, e.g. `pricing.price`.
    pub function: &'static str,
    /// Wall-clock time of the call, including the wait for a permit and for requests.
    pub elapsed: Duration,
    /// How the call ended.
    pub outcome: CallOutcome,
    /// Message for the operator. `None` for [`Success`](CallOutcome::Success), [`Unavailable`](CallOutcome::Unavailable) and
    /// [`Unsupported`](CallOutcome::Unsupported).
    pub detail: Option<String>,
}

/// How a plugin call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// The plugin returned a result that the contract permits.
    Success,
    /// The plugin rejected for a business reason, which the agent may see.
    Rejected,
    /// A system that the plugin needs did not answer, or the merchant's concurrency limit is reached.
    Unavailable,
    /// The merchant's configuration is invalid.
    Misconfigured,
    /// The plugin leaves the function to the host's default, or no plugin exports it.
    Unsupported,
    /// The call ended with a fault.
    Fault(PluginFault),
}

impl CallOutcome {
    /// Stable name: `ok` for a success, the code of the fault for a fault, else the name of the variant in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "ok",
            Self::Rejected => "rejected",
            Self::Unavailable => "unavailable",
            Self::Misconfigured => "misconfigured",
            Self::Unsupported => "unsupported",
            Self::Fault(fault) => fault.as_str(),
        }
    }
}

impl From<&DecisionError> for CallOutcome {
    fn from(error: &DecisionError) -> Self {
        match error {
            DecisionError::Rejected(_) => Self::Rejected,
            DecisionError::Unavailable { .. } => Self::Unavailable,
            DecisionError::Misconfigured { .. } => Self::Misconfigured,
            DecisionError::Unsupported { .. } => Self::Unsupported,
            DecisionError::Fault { fault, .. } => Self::Fault(*fault),
        }
    }
}

impl PluginCall {
    pub(crate) fn of(name: CallName, elapsed: Duration, error: Option<&DecisionError>) -> Self {
        let detail = error.and_then(|error| match error {
            DecisionError::Fault { detail, .. } | DecisionError::Misconfigured { detail, .. } => Some(detail.clone()),
            DecisionError::Rejected(rejection) => Some(format!("{}: {}", rejection.code, rejection.message)),
            DecisionError::Unavailable { .. } | DecisionError::Unsupported { .. } => None,
        });
        Self {
            plugin: name.plugin,
            function: name.function.name(),
            elapsed,
            outcome: error.map_or(CallOutcome::Success, CallOutcome::from),
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
pub(crate) struct SessionObserver {
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) session: SessionId,
}

impl SessionObserver {
    pub(crate) fn notify(&self, call: &PluginCall) {
        self.observer.called(&self.session, call);
    }
}
