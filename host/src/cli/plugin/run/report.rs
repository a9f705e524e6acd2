//! The result of a call and its cost, as text and as JSON.

use serde_json::{Value, json};

use crate::cli::plugin::faults::{self, Meaning, bytes};
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::ports::{DecisionError, PluginFault};
use tillhouse_checkout::quote::ContractError;
use tillhouse_console::output::{self, Story, span};
use tillhouse_runtime::Manifest;
use tillhouse_runtime::function::Function;
use tillhouse_runtime::limits::Limits;
use tillhouse_runtime::record::SentRequest;
use tillhouse_runtime::trial::{Answer, Tried};

/// A finished call, with what is needed to report it.
pub(super) struct Report<'a> {
    pub(super) function: Function,
    pub(super) manifest: &'a Manifest,
    pub(super) limits: &'a Limits,
    pub(super) tried: &'a Tried,
    /// The quote rule that the answer breaks, if any.
    pub(super) broken: Option<ContractError>,
    /// Notes that may explain the answer.
    pub(super) notes: Vec<String>,
}

impl Report<'_> {
    /// Print the answer, then its cost.
    pub(super) fn tell(&self, story: &Story) {
        self.tell_answer(story);
        self.tell_cost(story);
        for note in &self.notes {
            output::progress(&format!("note: {note}"));
        }
    }

    fn tell_answer(&self, story: &Story) {
        match &self.tried.answer {
            Answer::Value(value) => story.line(&format!("{value:#}")),
            Answer::Failure(failure) => {
                story.line(&story.bold("no decision"));
                story.line(&format!("{failure:#}"));
            }
            Answer::Fault(error) => self.tell_fault(story, error),
        }
        if let Some(broken) = &self.broken {
            story.line(&format!("{} {broken}", story.bold("refused")));
            story.line(&format!("  {}", Diagnostic::from(broken).help.unwrap_or_default()));
        }
    }

    fn tell_cost(&self, story: &Story) {
        let record = &self.tried.record;
        let of_call = self.limits.of(self.function.kind());
        story.heading(&format!(
            "{} of {} {}",
            self.function.name(),
            self.manifest.id,
            self.manifest.version
        ));
        match self.instructions() {
            Some(instructions) => story.line(&format!("  instructions  {}", grouped(instructions))),
            None => story.line("  instructions  unknown: the call was stopped before they were counted"),
        }
        let (used, limit) = (bytes(record.memory_bytes), bytes(of_call.memory_bytes));
        story.line(&format!("  memory        {used} of {limit}"));
        story.line(&format!(
            "  time          {} {}",
            span(self.tried.elapsed),
            story.dim("(with instruction counting; `plugin bench` measures without)")
        ));
        for line in &record.lines {
            story.line(&format!("  log           {:<5} {}", line.level, line.text));
        }
        if record.lines_dropped > 0 {
            story.line(&format!(
                "  log           {} more lines were dropped: a call may log {} lines, and {} in all",
                record.lines_dropped,
                of_call.log_lines,
                bytes(of_call.log_bytes)
            ));
        }
        for request in record.requests.iter().chain(&record.denied) {
            let answer = match &request.answer {
                Ok(status) => status.to_string(),
                Err(problem) => problem.clone(),
            };
            let SentRequest {
                upstream, method, path, ..
            } = request;
            let elapsed = span(request.elapsed);
            story.line(&format!(
                "  http          {upstream}: {method} {path}  {answer}  {elapsed}"
            ));
        }
    }

    fn tell_fault(&self, story: &Story, error: &DecisionError) {
        let (fault, detail) = named(error);
        story.line(&format!("{} {fault}: {detail}", story.bold("fault")));
        let Meaning { limit, remedy } = faults::meaning(fault, &detail, self.function, self.limits);
        if let Some(limit) = limit {
            story.line(&format!("  the limit is {limit}"));
        }
        story.line(&format!("  {remedy}"));
    }

    pub(super) fn document(&self) -> Value {
        let record = &self.tried.record;
        let mut document = json!({
            "ok": self.is_well(),
            "plugin": self.manifest.id.as_str(),
            "version": self.manifest.version,
            "function": self.function.name(),
            "instructions": self.instructions(),
            "memory_bytes": record.memory_bytes,
            "answer_bytes": self.tried.answer_bytes,
            "elapsed_us": u64::try_from(self.tried.elapsed.as_micros()).unwrap_or(u64::MAX),
            "log": record.lines,
            "log_dropped": record.lines_dropped,
            "notes": self.notes,
            "requests": record.requests.iter().chain(&record.denied).map(sent).collect::<Vec<_>>(),
        });
        let (outcome, key, said) = match &self.tried.answer {
            Answer::Value(value) => ("value", "result", value.clone()),
            Answer::Failure(failure) => ("failure", "failure", failure.clone()),
            Answer::Fault(error) => {
                let (fault, detail) = named(error);
                let Meaning { limit, remedy } = faults::meaning(fault, &detail, self.function, self.limits);
                let said = json!({"name": fault.as_str(), "detail": detail, "limit": limit, "remedy": remedy});
                ("fault", "fault", said)
            }
        };
        if let Some(document) = document.as_object_mut() {
            document.insert("outcome".to_owned(), outcome.into());
            document.insert(key.to_owned(), said);
            if let Some(broken) = &self.broken {
                let Diagnostic {
                    code, message, help, ..
                } = Diagnostic::from(broken);
                let broken = json!({"rule": code, "detail": message, "remedy": help});
                document.insert("broken".to_owned(), broken);
            }
        }
        document
    }

    /// `None` if the call was stopped by a time limit: the count is in a register while guest code runs.
    fn instructions(&self) -> Option<u64> {
        let by_clock =
            |error: &DecisionError| matches!(named(error).0, PluginFault::CpuBudget | PluginFault::WallClock);
        match &self.tried.answer {
            Answer::Fault(error) if by_clock(error) => None,
            _ => Some(self.tried.record.instructions),
        }
    }

    /// Whether the call succeeded. A rejection by the plugin is an answer; a failure to decide, or an answer that breaks a rule,
    /// is not.
    fn is_well(&self) -> bool {
        match &self.tried.answer {
            Answer::Value(_) => self.broken.is_none(),
            Answer::Failure(failure) => failure == "unsupported" || failure.get("rejected").is_some(),
            Answer::Fault(_) => false,
        }
    }
}

/// The kind of a fault, and what happened.
fn named(error: &DecisionError) -> (PluginFault, String) {
    match error {
        DecisionError::Fault { fault, detail, .. } => (*fault, detail.clone()),
        other => (PluginFault::Host, other.to_string()),
    }
}

fn sent(request: &SentRequest) -> Value {
    let (status, error) = match &request.answer {
        Ok(status) => (Some(*status), None),
        Err(problem) => (None, Some(problem)),
    };
    json!({
        "upstream": request.upstream,
        "method": request.method,
        "path": request.path,
        "status": status,
        "error": error,
        "elapsed_us": u64::try_from(request.elapsed.as_micros()).unwrap_or(u64::MAX),
    })
}

/// Digits in groups of three, such as `1 234 567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        let texts = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "999", "1 000", "1 234 567"]);
    }
}
