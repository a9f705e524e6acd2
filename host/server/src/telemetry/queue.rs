//! Bounded queue of log lines: a reader that stops reading loses lines, but never delays a request.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::fmt::MakeWriter;

use crate::config::LogFormat;

/// Capacity of the queue. Lines beyond it are dropped and counted.
const MAX_LINES: usize = 8192;

/// Timeout for flushing the remaining lines at the end of the process.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(1500);

/// Keeps the writer running. When dropped, it waits a moment for the remaining lines; the reader may be gone.
#[derive(Debug)]
#[must_use = "without it nothing is written"]
pub struct FlushGuard(Option<WorkerGuard>);

impl Drop for FlushGuard {
    fn drop(&mut self) {
        let guard = self.0.take();
        let (done, flushed) = channel();
        // On a separate thread: a guard whose writer does not answer prints to standard output, which may block for ever.
        let spawned = std::thread::Builder::new().spawn(move || {
            drop(guard);
            let _ = done.send(());
        });
        if spawned.is_ok() {
            let _ = flushed.recv_timeout(FLUSH_TIMEOUT);
        }
    }
}

/// The sending end of the queue. After lines were dropped, the next line that fits is preceded by one with their number.
#[derive(Clone, Debug)]
pub(super) struct LogQueue {
    lines: NonBlocking,
    dropped: ErrorCounter,
    reported: Arc<AtomicUsize>,
    format: LogFormat,
}

impl LogQueue {
    pub(super) fn new<W: Write + Send + 'static>(writer: W, format: LogFormat) -> (Self, FlushGuard) {
        Self::with_capacity(MAX_LINES, writer, format)
    }

    fn with_capacity<W: Write + Send + 'static>(lines: usize, writer: W, format: LogFormat) -> (Self, FlushGuard) {
        let builder = NonBlockingBuilder::default()
            .lossy(true)
            .buffered_lines_limit(lines)
            .thread_name("log");
        let (lines, guard) = builder.finish(writer);
        let queue = Self {
            dropped: lines.error_counter(),
            lines,
            reported: Arc::default(),
            format,
        };
        (queue, FlushGuard(Some(guard)))
    }

    fn report_dropped(&self) {
        let (dropped, reported) = (self.dropped.dropped_lines(), self.reported.load(Ordering::Relaxed));
        let claimed = || {
            self.reported
                .compare_exchange(reported, dropped, Ordering::Relaxed, Ordering::Relaxed)
        };
        if dropped <= reported || claimed().is_err() {
            return;
        }
        let count = dropped - reported;
        let line = match self.format {
            LogFormat::Text => format!(
                " WARN tillhouse::telemetry: log lines were dropped: the reader of the log is too slow log.dropped={count}\n"
            ),
            LogFormat::Json => format!(
                "{{\"level\":\"WARN\",\"target\":\"tillhouse::telemetry\",\"message\":\"log lines were dropped: the reader of the log is too slow\",\"log.dropped\":{count}}}\n"
            ),
        };
        // Never an error: a line that does not fit is dropped and counted.
        let _ = self.lines.clone().write_all(line.as_bytes());
        if self.dropped.dropped_lines() > dropped {
            // This line was dropped too: the next one reports all.
            self.reported.store(reported, Ordering::Relaxed);
        }
    }
}

impl<'w> MakeWriter<'w> for LogQueue {
    type Writer = NonBlocking;

    fn make_writer(&'w self) -> NonBlocking {
        self.report_dropped();
        self.lines.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, Sender};

    use super::*;

    /// A reader that reads nothing until it gets a signal.
    struct Stalled {
        go: Option<Receiver<()>>,
        read: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Stalled {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            if let Some(go) = self.go.take() {
                let _ = go.recv();
            }
            self.read.lock().unwrap().extend_from_slice(line);
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn stalled(format: LogFormat) -> (LogQueue, FlushGuard, Sender<()>, Arc<Mutex<Vec<u8>>>) {
        let (go, wait) = channel();
        let read = Arc::new(Mutex::new(Vec::new()));
        let writer = Stalled {
            go: Some(wait),
            read: read.clone(),
        };
        let (queue, flush) = LogQueue::with_capacity(4, writer, format);
        (queue, flush, go, read)
    }

    #[test]
    fn lines_beyond_the_queue_are_dropped_and_counted() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let (queue, flush, go, read) = stalled(format);
            // None of them waits for the reader.
            for line in 0..100 {
                queue
                    .make_writer()
                    .write_all(format!("line {line}\n").as_bytes())
                    .unwrap();
            }
            assert!(queue.dropped.dropped_lines() >= 90);
            go.send(()).unwrap();
            // The queue is empty some time after the reader reads again; until then these are dropped as well.
            let text = loop {
                queue.make_writer().write_all(b"after\n").unwrap();
                let text = String::from_utf8(read.lock().unwrap().clone()).unwrap();
                if text.contains("after") {
                    break text;
                }
                std::thread::yield_now();
            };
            drop((queue, flush));
            let text = String::from_utf8(read.lock().unwrap().clone()).unwrap_or(text);
            assert!(text.contains("line 0"), "{text}");
            let reported: usize = text
                .lines()
                .filter_map(|line| {
                    line.split_once("log.dropped")?
                        .1
                        .split(|it: char| !it.is_ascii_digit())
                        .find(|it| !it.is_empty())
                })
                .map(|count| count.parse::<usize>().unwrap())
                .sum();
            assert!(reported >= 90, "{text}");
        }
    }

    #[test]
    fn what_was_logged_is_written_before_the_end() {
        let (queue, flush, go, read) = stalled(LogFormat::Text);
        queue.make_writer().write_all(b"last words\n").unwrap();
        go.send(()).unwrap();
        drop((queue, flush));
        assert_eq!(*read.lock().unwrap(), b"last words\n");
    }
}
