//! Results of the checks, and how they are printed.

use serde_json::{Value, json};

use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticPlace, DiagnosticSeverity};
use tillhouse_console::output;
use tillhouse_console::table::print_line;

/// Result of one check.
#[derive(Debug)]
enum CheckOutcome {
    Passed {
        check: &'static str,
        message: String,
    },
    /// A warning or a failure; its code is the name of the check.
    Found(Diagnostic),
}

/// All results, in the order of the checks.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<CheckOutcome>);

impl Checks {
    pub(super) fn ok(&mut self, check: &'static str, message: impl Into<String>) {
        let message = message.into();
        self.0.push(CheckOutcome::Passed { check, message });
    }

    pub(super) fn warn(&mut self, check: &'static str, message: impl Into<String>, help: impl Into<String>) {
        self.add(Diagnostic::warning(check, DiagnosticPlace::default(), message).with_help(help));
    }

    pub(super) fn fail(&mut self, check: &'static str, message: impl Into<String>, help: impl Into<String>) {
        self.add(Diagnostic::error(check, DiagnosticPlace::default(), message).with_help(help));
    }

    /// Add a diagnostic whose code is the name of the check.
    pub(super) fn add(&mut self, found: Diagnostic) {
        self.0.push(CheckOutcome::Found(found));
    }

    pub(super) fn has_failures(&self) -> bool {
        self.0.iter().any(|outcome| outcome.level() == "fail")
    }

    #[cfg(test)]
    pub(super) fn levels(&self) -> Vec<&'static str> {
        self.0.iter().map(CheckOutcome::level).collect()
    }

    pub(super) fn print(&self, json: bool) {
        if json {
            let checks: Vec<Value> = self.0.iter().map(CheckOutcome::document).collect();
            return output::print_json(&json!({"ok": !self.has_failures(), "checks": checks}));
        }
        for outcome in &self.0 {
            let help = outcome.help().map(|help| format!("; {help}")).unwrap_or_default();
            print_line(&format!(
                "{:<4}  {:<14} {}{help}",
                outcome.level(),
                outcome.check(),
                outcome.summary()
            ));
        }
    }
}

impl CheckOutcome {
    const fn check(&self) -> &'static str {
        match self {
            Self::Passed { check, .. } => check,
            Self::Found(found) => found.code,
        }
    }

    const fn level(&self) -> &'static str {
        match self {
            Self::Passed { .. } => "ok",
            Self::Found(found) => match found.severity {
                DiagnosticSeverity::Warning => "warn",
                DiagnosticSeverity::Error => "fail",
            },
        }
    }

    fn summary(&self) -> String {
        match self {
            Self::Passed { message, .. } => message.clone(),
            Self::Found(found) => found.summary(),
        }
    }

    fn help(&self) -> Option<&str> {
        match self {
            Self::Passed { .. } => None,
            Self::Found(found) => found.help.as_deref(),
        }
    }

    fn document(&self) -> Value {
        let mut document = json!({"check": self.check(), "level": self.level(), "finding": self.summary()});
        if let (Some(help), Some(document)) = (self.help(), document.as_object_mut()) {
            document.insert("remedy".to_owned(), help.into());
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_result_is_a_document_with_its_check_and_its_level() {
        let mut checks = Checks::default();
        checks.ok("clock", "is right");
        checks.warn("secrets", "key is accessible to others", "chmod 600 key");
        assert!(!checks.has_failures());
        let place = DiagnosticPlace::of("shop.toml")
            .with_line(Some(3))
            .with_key("server.listen");
        checks.add(Diagnostic::error("configuration", place, "is empty").with_help("give an address"));
        assert!(checks.has_failures());
        let documents: Vec<Value> = checks.0.iter().map(CheckOutcome::document).collect();
        assert_eq!(
            documents,
            [
                json!({"check": "clock", "level": "ok", "finding": "is right"}),
                json!({"check": "secrets", "level": "warn", "finding": "key is accessible to others", "remedy": "chmod 600 key"}),
                json!({"check": "configuration", "level": "fail", "finding": "shop.toml:3: server.listen: is empty",
                    "remedy": "give an address"}),
            ]
        );
    }
}
