//! The result of a call and its cost, as text and as JSON.

use serde_json::{Value, json};

use super::computed::Computed;
use crate::cli::plugin::faults::{self, FaultExplanation, bytes};
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::ports::{DecisionError, PluginFault};
use tillhouse_checkout::quote::ContractError;
use tillhouse_console::output::{self, Printer, format_duration};
use tillhouse_runtime::Manifest;
use tillhouse_runtime::function::Function;
use tillhouse_runtime::limits::Limits;
use tillhouse_runtime::record::SentRequest;
use tillhouse_runtime::trial::{TrialAnswer, TrialReport};

/// A finished call, with what is needed to report it.
pub(super) struct Report<'a> {
    pub(super) function: Function,
    pub(super) manifest: &'a Manifest,
    pub(super) limits: &'a Limits,
    pub(super) tried: &'a TrialReport,
    /// Currency of the amounts.
    pub(super) currency: Currency,
    /// What a host computes from the answer, or the quote rule that the answer breaks.
    pub(super) checked: Result<Option<Computed>, ContractError>,
    /// Notes that may explain the answer.
    pub(super) notes: Vec<String>,
}

impl Report<'_> {
    /// Print the answer, then its cost.
    pub(super) fn print(&self, printer: &Printer) {
        self.print_answer(printer);
        self.print_cost(printer);
        for note in &self.notes {
            output::print_progress(&format!("note: {note}"));
        }
    }

    fn print_answer(&self, printer: &Printer) {
        match &self.tried.answer {
            TrialAnswer::Value(value) => printer.line(&format!("{value:#}")),
            TrialAnswer::Failure(failure) => {
                printer.line(&printer.bold("no decision"));
                printer.line(&format!("{failure:#}"));
            }
            TrialAnswer::Fault(error) => self.print_fault(printer, error),
        }
        match &self.checked {
            Ok(Some(computed)) => computed.print(printer, self.currency),
            Ok(None) => {}
            Err(broken) => {
                printer.line(&format!("{} {broken}", printer.bold("refused")));
                printer.line(&format!("  {}", Diagnostic::from(broken).help.unwrap_or_default()));
            }
        }
    }

    fn print_cost(&self, printer: &Printer) {
        let record = &self.tried.record;
        let of_call = self.limits.of(self.function.kind());
        printer.heading(&format!(
            "{} of {} {}",
            self.function.name(),
            self.manifest.id,
            self.manifest.version
        ));
        match self.instructions() {
            Some(instructions) => printer.line(&format!("  instructions  {}", grouped(instructions))),
            None => printer.line("  instructions  unknown: the call was stopped before they were counted"),
        }
        let (used, limit) = (bytes(record.memory_bytes), bytes(of_call.memory_bytes));
        printer.line(&format!("  memory        {used} of {limit}"));
        printer.line(&format!(
            "  time          {} {}",
            format_duration(self.tried.elapsed),
            printer.dim("(with instruction counting; `plugin bench` measures without)")
        ));
        for line in &record.lines {
            printer.line(&format!("  log           {:<5} {}", line.level, line.text));
        }
        if record.lines_dropped > 0 {
            printer.line(&format!(
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
            let elapsed = format_duration(request.elapsed);
            printer.line(&format!(
                "  http          {upstream}: {method} {path}  {answer}  {elapsed}"
            ));
        }
    }

    fn print_fault(&self, printer: &Printer, error: &DecisionError) {
        let (fault, detail) = fault_name(error);
        printer.line(&format!("{} {fault}: {detail}", printer.bold("fault")));
        let FaultExplanation { limit, remedy } = faults::explain(fault, &detail, self.function, self.limits);
        if let Some(limit) = limit {
            printer.line(&format!("  the limit is {limit}"));
        }
        printer.line(&format!("  {remedy}"));
    }

    pub(super) fn document(&self) -> Value {
        let record = &self.tried.record;
        let mut document = json!({
            "ok": self.is_success(),
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
            "requests": record.requests.iter().chain(&record.denied).map(request_json).collect::<Vec<_>>(),
        });
        let (outcome, key, said) = match &self.tried.answer {
            TrialAnswer::Value(value) => ("value", "result", value.clone()),
            TrialAnswer::Failure(failure) => ("failure", "failure", failure.clone()),
            TrialAnswer::Fault(error) => {
                let (fault, detail) = fault_name(error);
                let FaultExplanation { limit, remedy } = faults::explain(fault, &detail, self.function, self.limits);
                let said = json!({"name": fault.as_str(), "detail": detail, "limit": limit, "remedy": remedy});
                ("fault", "fault", said)
            }
        };
        if let Some(document) = document.as_object_mut() {
            document.insert("outcome".to_owned(), outcome.into());
            document.insert(key.to_owned(), said);
            match &self.checked {
                Ok(Some(computed)) => {
                    document.insert("computed".to_owned(), computed.document());
                }
                Ok(None) => {}
                Err(broken) => {
                    let Diagnostic {
                        code, message, help, ..
                    } = Diagnostic::from(broken);
                    let broken = json!({"rule": code, "detail": message, "remedy": help});
                    document.insert("broken".to_owned(), broken);
                }
            }
        }
        document
    }

    /// `None` if the call was stopped by a time limit: the count is in a register while guest code runs.
    fn instructions(&self) -> Option<u64> {
        let by_clock =
            |error: &DecisionError| matches!(fault_name(error).0, PluginFault::CpuBudget | PluginFault::WallClock);
        match &self.tried.answer {
            TrialAnswer::Fault(error) if by_clock(error) => None,
            _ => Some(self.tried.record.instructions),
        }
    }

    /// Whether the call succeeded. A rejection by the plugin is an answer; a failure to decide, or an answer that breaks a rule,
    /// is not.
    fn is_success(&self) -> bool {
        match &self.tried.answer {
            TrialAnswer::Value(_) => self.checked.is_ok(),
            TrialAnswer::Failure(failure) => failure == "unsupported" || failure.get("rejected").is_some(),
            TrialAnswer::Fault(_) => false,
        }
    }
}

/// The kind of a fault, and what happened.
fn fault_name(error: &DecisionError) -> (PluginFault, String) {
    match error {
        DecisionError::Fault { fault, detail, .. } => (*fault, detail.clone()),
        other => (PluginFault::Host, other.to_string()),
    }
}

fn request_json(request: &SentRequest) -> Value {
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
