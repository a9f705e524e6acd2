//! Logging: destination, format, and masking as a second line of defense.
//!
//! Secrets are kept out of logs by [`tillhouse_checkout::secret::Secret`] and by not logging them. A card number that is logged
//! by mistake is masked in one place, before the line is written ([`mask`]).

mod queue;

use std::io;

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::config::{LogFormat, TelemetryConfig};
use queue::LogQueue;

pub use queue::FlushGuard;
pub use tillhouse_checkout::mask;

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is invalid.
    #[error("telemetry.filter: {0}")]
    Filter(#[from] ParseError),
    /// A logger is installed already.
    #[error("telemetry: {0}")]
    AlreadyInstalled(#[from] TryInitError),
}

/// Logs to standard error, for the whole process and until the returned value is dropped. Logging never blocks: lines that the
/// reader of standard error does not consume in time are dropped and counted.
///
/// # Errors
/// When the filter is invalid, or this was called before.
pub fn init(config: &TelemetryConfig) -> Result<FlushGuard, TelemetryError> {
    let (queue, flush) = LogQueue::new(io::stderr(), config.format);
    subscriber(config, queue)?.try_init()?;
    Ok(flush)
}

/// The subscriber that [`init`] installs, with another destination.
///
/// # Errors
/// When the filter is invalid.
pub fn subscriber<W>(config: &TelemetryConfig, writer: W) -> Result<Box<dyn Subscriber + Send + Sync>, TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(&config.filter)?)
        .with_ansi(false)
        .with_writer(Masking(writer));
    Ok(match config.format {
        LogFormat::Text => Box::new(builder.finish()),
        LogFormat::Json => Box::new(builder.json().flatten_event(true).finish()),
    })
}

/// A writer that masks card numbers. The formatter passes one whole line at a time.
#[derive(Debug)]
struct Masking<W>(W);

impl<'w, W: MakeWriter<'w>> MakeWriter<'w> for Masking<W> {
    type Writer = Masking<W::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        Masking(self.0.make_writer())
    }
}

impl<W: io::Write> io::Write for Masking<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(mask(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Returns what a closure logs.
    fn logged(format: LogFormat, filter: &str, log: impl FnOnce()) -> String {
        let sink = Arc::new(Mutex::new(Vec::new()));
        let config = TelemetryConfig {
            format,
            filter: filter.into(),
        };
        let writer = {
            let sink = sink.clone();
            move || Sink(sink.clone())
        };
        tracing::subscriber::with_default(subscriber(&config, writer).unwrap(), log);
        let bytes = sink.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_card_number_is_masked_in_messages_and_fields_of_both_formats() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let text = logged(format, "info", || {
                tracing::info!(
                    field = "4242424242424242",
                    number = 4_242_424_242_424_242_u64,
                    "4242 4242 4242 4242"
                );
            });
            assert!(!text.contains("4242"), "{text}");
            assert_eq!(text.matches("[card]").count(), 3, "{text}");
            assert!(text.ends_with('\n'));
        }
    }

    #[test]
    fn the_filter_decides_what_is_logged() {
        let text = logged(LogFormat::Text, "warn", || {
            tracing::info!("quiet");
            tracing::warn!("loud");
        });
        assert!(text.contains("loud") && !text.contains("quiet"), "{text}");
    }

    #[test]
    fn json_lines_carry_their_fields() {
        let text = logged(LogFormat::Json, "info", || {
            tracing::info!(session.id = "cs_1", "quoted")
        });
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["session.id"], "cs_1");
        assert_eq!(line["message"], "quoted");
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_an_error() {
        let config = TelemetryConfig {
            format: LogFormat::Text,
            filter: "tillhouse=shout".into(),
        };
        let error = subscriber(&config, io::sink).err().unwrap();
        assert!(error.to_string().starts_with("telemetry.filter: "), "{error}");
    }
}
