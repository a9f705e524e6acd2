//! `[telemetry]`: log format and filter.

use tracing_subscriber::EnvFilter;

use super::section::Section;

/// Settings of the log, which goes to standard error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TelemetryConfig {
    /// `format`: `text` or `json`. Default: `text`.
    pub format: LogFormat,
    /// `filter`: what is logged, as `level` or `target=level,…`. Default: `info`.
    pub filter: String,
}

/// Format of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Plain text, for operators.
    Text,
    /// One JSON object per line.
    Json,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info".into(),
        }
    }
}

impl TelemetryConfig {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let choices = [("text", LogFormat::Text), ("json", LogFormat::Json)];
        let format = section.choice("format", &choices).unwrap_or(LogFormat::Text);
        let filter = section.text("filter").unwrap_or_else(|| "info".into());
        if let Err(error) = EnvFilter::try_new(&filter) {
            section.error(
                "filter",
                error.to_string(),
                "write for instance \"info\" or \"info,tillhouse=debug\"",
            );
        }
        section.finish();
        Some(Self { format, filter })
    }
}
