//! Text output of a plugin: log lines, stdout and stderr, limited in size and sanitized.

use super::host_context::HostContext;
use super::limits::{CallLimits, LOG_LINE_BYTES};
use super::record::{LogLine, Recorder};
use crate::api::function::Function;
use tillhouse_checkout::ids::{MerchantId, PluginId};

/// Bytes of stderr that are kept to explain a trap: the end, where the panic message is.
const STDERR_TAIL: usize = 4 << 10;

/// Note that Rust appends to a panic message. Useless here, because a plugin has no environment variables.
pub(crate) const BACKTRACE_NOTE: &str = "note: run with `RUST_BACKTRACE=1`";

/// Severity of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Output of one call, and what is left of its limits.
#[derive(Debug)]
pub(crate) struct Output {
    merchant: MerchantId,
    plugin: PluginId,
    function: Function,
    lines_left: usize,
    bytes_left: usize,
    dropped: u64,
    stderr: Vec<u8>,
    recorder: Option<Recorder>,
}

impl Output {
    pub(crate) fn new(host: &HostContext, function: Function, limits: &CallLimits) -> Self {
        Self {
            merchant: host.merchant.clone(),
            plugin: host.grants.plugin().clone(),
            recorder: host.recorder.clone(),
            function,
            lines_left: limits.log_lines,
            bytes_left: limits.log_bytes,
            dropped: 0,
            stderr: Vec::new(),
        }
    }

    /// Log a line with its fields, or drop and count it when a limit is reached.
    pub(crate) fn line(&mut self, level: Level, message: &str, fields: &[(String, String)]) {
        let mut line = String::with_capacity(message.len().min(LOG_LINE_BYTES));
        push_clean(&mut line, message, LOG_LINE_BYTES);
        for (name, value) in fields {
            line.push(' ');
            push_clean(&mut line, name, LOG_LINE_BYTES);
            line.push('=');
            push_clean(&mut line, value, LOG_LINE_BYTES);
        }
        let line = hide_card_numbers(&line);
        if self.lines_left == 0 || line.len() > self.bytes_left {
            self.dropped += 1;
            if let Some(recorder) = &self.recorder {
                recorder.update(|record| record.lines_dropped += 1);
            }
            return;
        }
        self.lines_left -= 1;
        self.bytes_left -= line.len();
        self.emit(level, &line);
        if let Some(recorder) = &self.recorder {
            let level = level.name();
            recorder.update(|record| record.lines.push(LogLine { level, text: line }));
        }
    }

    fn emit(&self, level: Level, line: &str) {
        let (merchant, plugin, function) = (self.merchant.as_str(), self.plugin.as_str(), self.function.name());
        match level {
            Level::Debug => tracing::debug!(target: "tillhouse::plugin", merchant, plugin, function, "{line}"),
            Level::Info => tracing::info!(target: "tillhouse::plugin", merchant, plugin, function, "{line}"),
            Level::Warn => tracing::warn!(target: "tillhouse::plugin", merchant, plugin, function, "{line}"),
            Level::Error => tracing::error!(target: "tillhouse::plugin", merchant, plugin, function, "{line}"),
        }
    }

    /// Log what the guest wrote to stdout or stderr, line by line, and keep the end of stderr.
    pub(crate) fn stream(&mut self, stderr: bool, bytes: &[u8]) {
        if stderr {
            self.stderr.extend(bytes);
            let over = self.stderr.len().saturating_sub(STDERR_TAIL);
            self.stderr.drain(..over);
        }
        for line in String::from_utf8_lossy(bytes)
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.starts_with(BACKTRACE_NOTE))
        {
            self.line(Level::Debug, line, &[]);
        }
    }

    /// The end of the guest's stderr, sanitized: its panic message, if it panicked.
    pub(crate) fn stderr(&self) -> String {
        let mut text = String::new();
        push_clean(&mut text, String::from_utf8_lossy(&self.stderr).trim(), STDERR_TAIL);
        hide_card_numbers(&text)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if self.dropped > 0 {
            let dropped = self.dropped;
            self.emit(Level::Warn, &format!("{dropped} log lines over the limit were dropped"));
        }
    }
}

/// Append text up to a length in bytes. Replaces control characters, so that a plugin cannot control a terminal.
fn push_clean(line: &mut String, text: &str, limit: usize) {
    for c in text.chars() {
        if line.len() + c.len_utf8() > limit {
            return;
        }
        line.push(if c.is_control() { ' ' } else { c });
    }
}

/// Replace what looks like a card number: 13 to 19 digits, spaces and dashes between them, with a valid check digit.
fn hide_card_numbers(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() || (!run.is_empty() && matches!(c, ' ' | '-')) {
            run.push(c);
        } else {
            flush(&mut clean, &mut run);
            clean.push(c);
        }
    }
    flush(&mut clean, &mut run);
    clean
}

fn flush(clean: &mut String, run: &mut String) {
    let digits: Vec<u32> = run.chars().filter_map(|c| c.to_digit(10)).collect();
    if (13..=19).contains(&digits.len()) && luhn(&digits) {
        clean.push_str("[redacted]");
        let tail = run.trim_end_matches(|c: char| c.is_ascii_digit());
        if tail.len() == run.len() {
            clean.push(' ');
        }
    } else {
        clean.push_str(run);
    }
    run.clear();
}

/// Check the Luhn check digit (ISO/IEC 7812-1, annex B).
fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| match index % 2 {
            0 => *digit,
            _ => (digit * 2) / 10 + (digit * 2) % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_are_hidden_and_other_numbers_are_not() {
        assert_eq!(hide_card_numbers("card 4242424242424242 used"), "card [redacted] used");
        assert_eq!(hide_card_numbers("4242-4242-4242-4242"), "[redacted]");
        assert_eq!(
            hide_card_numbers("order 1234567890123 of 2026-11-21"),
            "order 1234567890123 of 2026-11-21"
        );
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        let mut line = String::new();
        push_clean(&mut line, "a\u{1b}[31mb\nc", 64);
        assert_eq!(line, "a [31mb c");
    }
}
