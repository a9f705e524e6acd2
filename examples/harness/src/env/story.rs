//! What a test says when a call came to nothing: where, why, and how to see it again.

use tillhouse_plugin_protocol::merchant::Complaint;

use super::{Asked, State, again};
use crate::fault::CallFault;
use crate::plugin::Plugin;

/// The plugin does not take its configuration.
pub(super) fn refused(problems: &[Complaint]) -> String {
    let problems: Vec<String> = problems.iter().map(|problem| format!("  - {problem}")).collect();
    format!(
        "the plugin refuses its configuration (lifecycle.validate-config):\n{}\nask env.lifecycle().problems() to test that",
        problems.join("\n")
    )
}

/// A call came to nothing.
pub(super) fn failed(plugin: &Plugin, asked: &Asked, fault: &CallFault, state: &State) -> String {
    let mut story = format!(
        "{} of {} failed: {}\n  {}\n",
        fault.function, plugin.name, fault.name, fault.detail
    );
    if !state.lines.is_empty() {
        story.push_str("it had logged:\n");
        for line in &state.lines {
            story.push_str(&format!("  {}: {}\n", line.level, line.text));
        }
    }
    if !state.requests.is_empty() {
        story.push_str("it had sent:\n");
        for request in &state.requests {
            let answer = match &request.answer {
                Ok(status) => status.to_string(),
                Err(error) => error.clone(),
            };
            story.push_str(&format!(
                "  {} {} to {}: {answer}\n",
                request.method, request.path, request.upstream
            ));
        }
    }
    if let Some(command) = again::command(plugin, asked, &state.circumstances) {
        story.push_str(&format!("to make this call by itself: {command}\n"));
    }
    story.push_str("a test that wants the fault asks for it with .fault()");
    story
}
