//! Results of the checks, and how they are printed.

use serde::Serialize;
use serde_json::json;

use tillhouse_console::output;
use tillhouse_console::table::say;

/// Severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    Warn,
    Fail,
}

#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    level: Level,
    finding: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

/// All results, in the order of the checks.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn ok(&mut self, check: &'static str, finding: impl Into<String>) {
        self.add(check, Level::Ok, finding.into(), None);
    }

    pub(super) fn warn(&mut self, check: &'static str, finding: impl Into<String>, remedy: impl Into<String>) {
        self.add(check, Level::Warn, finding.into(), Some(remedy.into()));
    }

    pub(super) fn fail(&mut self, check: &'static str, finding: impl Into<String>, remedy: impl Into<String>) {
        self.add(check, Level::Fail, finding.into(), Some(remedy.into()));
    }

    fn add(&mut self, check: &'static str, level: Level, finding: String, remedy: Option<String>) {
        self.0.push(Finding {
            check,
            level,
            finding,
            remedy,
        });
    }

    pub(super) fn has_failures(&self) -> bool {
        self.0.iter().any(|finding| finding.level == Level::Fail)
    }

    pub(super) fn print(&self, json: bool) {
        if json {
            return output::document(&json!({"ok": !self.has_failures(), "checks": self.0}));
        }
        for it in &self.0 {
            let level = match it.level {
                Level::Ok => "ok  ",
                Level::Warn => "warn",
                Level::Fail => "fail",
            };
            let remedy = it.remedy.as_deref().map(|remedy| format!("; {remedy}"));
            say(&format!(
                "{level}  {:<14} {}{}",
                it.check,
                it.finding,
                remedy.unwrap_or_default()
            ));
        }
    }
}
