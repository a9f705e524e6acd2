//! Diagnostics of a plugin's configuration.

use crate::api::bindings::exports::tillhouse::merchant::lifecycle::Diagnostic;
use crate::api::check;

/// Convert the diagnostics to pairs of key and message.
pub(crate) fn diagnostics(list: Vec<Diagnostic>) -> Result<Vec<(String, String)>, String> {
    check::list("diagnostics", list, check::MESSAGES, |diagnostic| {
        Ok((
            check::text("diagnostic.key", diagnostic.key, check::ID)?,
            check::text("diagnostic.message", diagnostic.message, check::TEXT)?,
        ))
    })
}
