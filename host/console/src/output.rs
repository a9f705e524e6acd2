//! What people read: the story on standard output, progress and complaints on standard error.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

/// Where the story goes. With `--json` nobody reads it.
#[derive(Debug)]
pub struct Story {
    silent: bool,
    colours: bool,
}

impl Story {
    pub fn new(silent: bool) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            silent,
            colours: io::stdout().is_terminal() && !no_color,
        }
    }

    /// A line of its own that opens a part.
    pub fn heading(&self, text: &str) {
        self.line(&format!("\n{}", self.bold(text)));
    }

    pub fn line(&self, text: &str) {
        if !self.silent {
            // A closed pipe is the reader's wish.
            let _ = writeln!(io::stdout().lock(), "{text}");
        }
    }

    pub fn bold(&self, text: &str) -> String {
        if self.colours {
            format!("\x1b[1m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    pub fn dim(&self, text: &str) -> String {
        if self.colours {
            format!("\x1b[2m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// A document on standard output, for programs.
pub fn document(value: &serde_json::Value) {
    let _ = writeln!(io::stdout().lock(), "{value:#}");
}

/// What is being waited for.
pub fn progress(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

pub fn complain(problem: &str) {
    let _ = writeln!(io::stderr().lock(), "error: {problem}");
}

/// `12.3 ms`, `45 µs`.
pub fn span(elapsed: Duration) -> String {
    let micros = elapsed.as_micros();
    match micros {
        0..=999 => format!("{micros} µs"),
        _ => format!("{:.1} ms", elapsed.as_secs_f64() * 1e3),
    }
}
