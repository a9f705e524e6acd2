//! Text for people: results on standard output, progress and errors on standard error.

use std::io::{self, Write};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use anstyle::Style;

/// Writes text for people to standard output. Silent with `--json`.
#[derive(Debug)]
pub struct Printer {
    silent: bool,
    colours: bool,
}

impl Printer {
    pub fn new(silent: bool) -> Self {
        Self {
            silent,
            colours: AutoStream::choice(&io::stdout()) != ColorChoice::Never,
        }
    }

    /// Print a heading, after an empty line.
    pub fn heading(&self, text: &str) {
        self.line(&format!("\n{}", self.bold(text)));
    }

    pub fn line(&self, text: &str) {
        if !self.silent {
            // Ignore broken pipes: the reader chose to stop.
            let _ = writeln!(io::stdout().lock(), "{text}");
        }
    }

    pub fn bold(&self, text: &str) -> String {
        self.styled(text, Style::new().bold())
    }

    pub fn dim(&self, text: &str) -> String {
        self.styled(text, Style::new().dimmed())
    }

    fn styled(&self, text: &str, style: Style) -> String {
        if self.colours {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// Print a JSON document on standard output.
pub fn print_json(value: &serde_json::Value) {
    let _ = writeln!(io::stdout().lock(), "{value:#}");
}

/// Print what the command is doing now, on standard error.
pub fn print_progress(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

pub fn print_error(problem: &str) {
    let _ = writeln!(io::stderr().lock(), "error: {problem}");
}

/// Format a duration in milliseconds or microseconds: `12.3 ms`, `45 µs`.
pub fn format_duration(elapsed: Duration) -> String {
    let micros = elapsed.as_micros();
    match micros {
        0..=999 => format!("{micros} µs"),
        _ => format!("{:.1} ms", elapsed.as_secs_f64() * 1e3),
    }
}
