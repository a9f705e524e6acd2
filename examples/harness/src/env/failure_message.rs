//! Messages of a test whose call failed: where, why, and how to repeat it.

use tillhouse_plugin_protocol::trial::ConfigDiagnostic;

use super::{FunctionCall, State, reproduce};
use crate::fault::CallFault;
use crate::plugin::Plugin;

/// Message: the plugin rejects its configuration.
pub(super) fn config_rejected(problems: &[ConfigDiagnostic]) -> String {
    let problems: Vec<String> = problems.iter().map(|problem| format!("  - {problem}")).collect();
    format!(
        "the plugin rejects its configuration (lifecycle.validate-config):\n{}\nto test that, use env.lifecycle().problems()",
        problems.join("\n")
    )
}

/// Message: a call ended in a fault.
pub(super) fn call_failed(plugin: &Plugin, call: &FunctionCall, fault: &CallFault, state: &State) -> String {
    let mut message = format!(
        "{} of {} failed: {}\n  {}\n",
        fault.function, plugin.name, fault.name, fault.detail
    );
    if !state.lines.is_empty() {
        message.push_str("log lines before the fault:\n");
        for line in &state.lines {
            message.push_str(&format!("  {}: {}\n", line.level, line.text));
        }
    }
    if !state.requests.is_empty() {
        message.push_str("requests before the fault:\n");
        for request in &state.requests {
            let answer = match &request.answer {
                Ok(status) => status.to_string(),
                Err(error) => error.clone(),
            };
            message.push_str(&format!(
                "  {} {} to {}: {answer}\n",
                request.method, request.path, request.upstream
            ));
        }
    }
    if let Some(command) = reproduce::command(plugin, call, &state.settings) {
        message.push_str(&format!("to repeat this call outside the test: {command}\n"));
    }
    message.push_str("to expect this fault in a test, use .fault()");
    message
}
