//! Classification of failed plugin calls, by error type; by text only where wasmtime gives no type.

use std::time::Duration;

use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace, WasmCoreDump};

use crate::api::call_name::CallName;
use crate::guest::call_abort_error::CallAbortError;
use crate::guest::limits::LOG_LINE_BYTES;
use crate::guest::output::BACKTRACE_NOTE;
use tillhouse_checkout::ports::{DecisionError, PluginFault};

impl CallName {
    /// Classify a call that wasmtime aborted with an error. `stderr` is the end of the guest's stderr: its panic message.
    pub(crate) fn classify(&self, error: &wasmtime::Error, stderr: &str) -> DecisionError {
        if let Some(aborted) = error.downcast_ref::<CallAbortError>() {
            return self.of_abort(aborted, stderr);
        }
        if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() {
            return self.unavailable(Some(Duration::from_secs(1)));
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::StackOverflow) => self.fault(PluginFault::Stack, "used more than 512 KiB of stack"),
            Some(_) => self.fault(
                PluginFault::Trap,
                panic_message(stderr).unwrap_or_else(|| detail(&error_chain(error), stderr)),
            ),
            None => self.fault(boundary_fault(error), detail(&error_chain(error), stderr)),
        }
    }

    /// The error of a call that the host ended.
    pub(super) fn of_abort(&self, aborted: &CallAbortError, stderr: &str) -> DecisionError {
        match aborted.fault() {
            Some(fault) => self.fault(fault, detail(aborted, stderr)),
            None => self.unavailable(Some(Duration::from_secs(1))),
        }
    }
}

/// Wasmtime's error chain without its leading entries: the backtrace and, on a trial's engine, the core dump.
///
/// Plugins are stripped, so the functions in a backtrace have no names.
fn error_chain(error: &wasmtime::Error) -> String {
    let dump = usize::from(error.downcast_ref::<WasmCoreDump>().is_some());
    let backtrace = usize::from(error.downcast_ref::<WasmBacktrace>().is_some());
    let causes = error.chain().skip(dump + backtrace).map(ToString::to_string);
    causes.collect::<Vec<_>>().join(": ")
}

/// Extract the panic message, e.g. `panicked at src/lib.rs:16:35: no price for tee`, from stderr.
///
/// The trap after a panic adds nothing: it is always `unreachable`.
fn panic_message(stderr: &str) -> Option<String> {
    let (_, message) = stderr.rsplit_once(THREAD)?;
    let (_, message) = message.split_once(PANICKED)?;
    let message = message
        .split_once(BACKTRACE_NOTE)
        .map_or(message, |(message, _)| message);
    let message = message.trim().chars().take(LOG_LINE_BYTES);
    Some(PANICKED.chars().chain(message).collect())
}

/// Start of a panic message in Rust's output; the only thread of a plugin is unnamed.
const THREAD: &str = "thread '<unnamed>'";
const PANICKED: &str = "panicked at ";

fn detail(what: &impl ToString, stderr: &str) -> String {
    let stderr = stderr.trim();
    if stderr.is_empty() {
        what.to_string()
    } else {
        format!("{stderr} ({})", what.to_string())
    }
}

/// Fault code of an error at the host-guest boundary.
///
/// Two of these error types are private in wasmtime 48.0.8, so they are recognized by their text. The version is pinned, and
/// `tests` fail if the text changes.
fn boundary_fault(error: &wasmtime::Error) -> PluginFault {
    let cause = error.root_cause().to_string();
    if cause.contains("fuel allocated for hostcalls") {
        PluginFault::OutputTooLarge
    } else if cause.contains("store handle limit exceeded") {
        PluginFault::Handles
    } else {
        // An invalid discriminant, a string that is not UTF-8, a pointer out of bounds.
        PluginFault::Contract
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_described_by_its_location_and_message() {
        let stderr = "loading thread '<unnamed>' (1) panicked at src/lib.rs:16:35: no price for tee note: run with \
            `RUST_BACKTRACE=1` environment variable to display a backtrace";
        assert_eq!(
            panic_message(stderr).as_deref(),
            Some("panicked at src/lib.rs:16:35: no price for tee")
        );
        assert_eq!(panic_message("loading"), None);
    }

    #[test]
    fn a_truncated_panic_message_is_kept_as_far_as_it_is_there() {
        let stderr = "thread '<unnamed>' (1) panicked at src/lib.rs:16:35: no pri";
        assert_eq!(
            panic_message(stderr).as_deref(),
            Some("panicked at src/lib.rs:16:35: no pri")
        );
    }
}
