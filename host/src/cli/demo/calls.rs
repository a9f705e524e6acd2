//! The plugin calls of the demo, by session.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tillhouse_checkout::ids::SessionId;
use tillhouse_runtime::{Observer, PluginCall};

/// Observer that keeps every plugin call, by session id.
#[derive(Debug, Default)]
pub(super) struct CallRecorder(Mutex<HashMap<String, Vec<PluginCall>>>);

impl CallRecorder {
    /// The calls made for a session, in order.
    pub(super) fn of_session(&self, session: &str) -> Vec<PluginCall> {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.get(session).cloned().unwrap_or_default()
    }
}

impl Observer for CallRecorder {
    fn called(&self, session: &SessionId, call: &PluginCall) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entry(session.to_string()).or_default().push(call.clone());
    }
}
