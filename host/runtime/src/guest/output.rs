//! Text output of a plugin: log lines, stdout and stderr, limited in size and sanitized.

use super::host_context::HostContext;
use super::limits::{CallLimits, LOG_LINE_BYTES};
use super::record::{LogLine, Recorder};
use crate::api::function::Function;
use tillhouse_checkout::ids::{MerchantId, PluginId};
use tillhouse_checkout::text::is_unprintable;

/// Bytes of stderr that are kept to explain a trap: the end, where the panic message is.
const STDERR_TAIL: usize = 4 << 10;

/// How many lines of stdout and stderr are looked at for each that may be logged: blank lines are not logged.
const LOOKS_PER_LINE: usize = 4;

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
    /// Lines of stdout and stderr that may still be looked at, blank ones included.
    looks_left: usize,
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
            looks_left: limits.log_lines.saturating_mul(LOOKS_PER_LINE),
            dropped: 0,
            stderr: Vec::new(),
        }
    }

    /// Log a line with its fields, or drop and count it when a limit is reached.
    ///
    /// From the first line that does not fit on, none is put together any more: dropping must not cost what logging does.
    pub(crate) fn line<'a>(
        &mut self,
        level: Level,
        message: &str,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        if self.lines_left == 0 {
            return self.drop_lines(1);
        }
        let line = hide_card_numbers(&joined(message, fields));
        if line.len() > self.bytes_left {
            self.lines_left = 0;
            return self.drop_lines(1);
        }
        self.lines_left -= 1;
        self.bytes_left -= line.len();
        self.emit(level, &line);
        if let Some(recorder) = &self.recorder {
            let level = level.name();
            recorder.update(|record| record.lines.push(LogLine { level, text: line }));
        }
    }

    fn drop_lines(&mut self, count: u64) {
        self.dropped += count;
        if let Some(recorder) = &self.recorder {
            recorder.update(|record| record.lines_dropped += count);
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
            self.stderr.extend(tail(bytes, STDERR_TAIL));
            let over = self.stderr.len().saturating_sub(STDERR_TAIL);
            self.stderr.drain(..over);
        }
        let mut rest = bytes;
        while self.lines_left > 0 && self.looks_left > 0 && !rest.is_empty() {
            self.looks_left -= 1;
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let (line, others) = rest.split_at(end);
            rest = others.get(1..).unwrap_or_default();
            // What a line can hold: a guest may write a megabyte without a line break.
            let line = String::from_utf8_lossy(line.get(..LOG_LINE_BYTES).unwrap_or(line));
            if !line.trim().is_empty() && !line.starts_with(BACKTRACE_NOTE) {
                self.line(Level::Debug, &line, []);
            }
        }
        if !rest.is_empty() {
            let ends = memchr::memchr_iter(b'\n', rest).count();
            let lines = ends + usize::from(!rest.ends_with(b"\n"));
            self.drop_lines(u64::try_from(lines).unwrap_or(u64::MAX));
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

fn tail(bytes: &[u8], length: usize) -> &[u8] {
    bytes.get(bytes.len().saturating_sub(length)..).unwrap_or_default()
}

/// A message with its fields, up to the length of a line. Fields that cannot be seen any more are not looked at.
fn joined<'a>(message: &str, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut line = String::new();
    push_clean(&mut line, message, LOG_LINE_BYTES);
    let mut fields = fields.into_iter();
    while line.len() < LOG_LINE_BYTES
        && let Some((name, value)) = fields.next()
    {
        for text in [" ", name, "=", value] {
            push_clean(&mut line, text, LOG_LINE_BYTES);
        }
    }
    line
}

/// Append text up to a length in bytes. Replaces control characters and those that change the direction of text, so that a plugin
/// cannot control a terminal.
fn push_clean(line: &mut String, text: &str, limit: usize) {
    for c in text.chars() {
        if line.len() + c.len_utf8() > limit {
            return;
        }
        line.push(if is_unprintable(c) { ' ' } else { c });
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
    fn a_line_is_cut_with_its_fields_and_further_fields_are_not_looked_at() {
        for (field, most) in [
            (("", ""), LOG_LINE_BYTES / 2),
            (("name", "value"), LOG_LINE_BYTES / 11 + 1),
        ] {
            let mut seen = 0;
            let endless = std::iter::repeat(field).inspect(|_| seen += 1);
            assert_eq!(joined("", endless).len(), LOG_LINE_BYTES);
            assert_eq!(seen, most, "{field:?}");
        }
        assert_eq!(joined("€".repeat(1_000).as_str(), [("a", "b")]).len(), LOG_LINE_BYTES);
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        let mut line = String::new();
        push_clean(&mut line, "a\u{1b}[31mb\nc", 64);
        assert_eq!(line, "a [31mb c");
    }
}
