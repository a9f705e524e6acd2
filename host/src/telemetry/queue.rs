//! Log lines on their way out, in a queue of bounded length: a reader that stops reading costs lines and never a request.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::fmt::MakeWriter;

use crate::config::LogFormat;

/// Lines that wait for the writer. What is logged beyond them is dropped and counted.
const MOST_LINES: usize = 8192;

/// Keeps the writer at work. Dropped, it waits for the lines that are left, for a second at most.
#[derive(Debug)]
#[must_use = "without it nothing is written"]
pub struct Flush(#[expect(dead_code, reason = "works by being dropped")] WorkerGuard);

/// The sending end of the queue. After lines were dropped, the next line that finds room is preceded by one that says how many.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    lines: NonBlocking,
    dropped: ErrorCounter,
    told: Arc<AtomicUsize>,
    format: LogFormat,
}

impl Queue {
    pub(super) fn to<W: Write + Send + 'static>(writer: W, format: LogFormat) -> (Self, Flush) {
        Self::of(MOST_LINES, writer, format)
    }

    fn of<W: Write + Send + 'static>(lines: usize, writer: W, format: LogFormat) -> (Self, Flush) {
        let builder = NonBlockingBuilder::default()
            .lossy(true)
            .buffered_lines_limit(lines)
            .thread_name("log");
        let (lines, guard) = builder.finish(writer);
        let queue = Self {
            dropped: lines.error_counter(),
            lines,
            told: Arc::default(),
            format,
        };
        (queue, Flush(guard))
    }

    fn tell(&self) {
        let dropped = self.dropped.dropped_lines();
        let told = self.told.swap(dropped, Ordering::Relaxed);
        if dropped <= told {
            return;
        }
        let count = dropped - told;
        let line = match self.format {
            LogFormat::Text => format!(
                " WARN tillhouse::telemetry: log lines were dropped: the reader of the log does not keep up log.dropped={count}\n"
            ),
            LogFormat::Json => format!(
                "{{\"level\":\"WARN\",\"target\":\"tillhouse::telemetry\",\"message\":\"log lines were dropped: the reader of the log does not keep up\",\"log.dropped\":{count}}}\n"
            ),
        };
        // Never an error: a line that finds no room is dropped and counted.
        let _ = self.lines.clone().write_all(line.as_bytes());
    }
}

impl<'w> MakeWriter<'w> for Queue {
    type Writer = NonBlocking;

    fn make_writer(&'w self) -> NonBlocking {
        self.tell();
        self.lines.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// A reader that reads nothing until it is told to.
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

    fn stalled(format: LogFormat) -> (Queue, Flush, Sender<()>, Arc<Mutex<Vec<u8>>>) {
        let (go, wait) = channel();
        let read = Arc::new(Mutex::new(Vec::new()));
        let writer = Stalled {
            go: Some(wait),
            read: read.clone(),
        };
        let (queue, flush) = Queue::of(4, writer, format);
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
            let dropped = queue.dropped.dropped_lines();
            assert!(dropped >= 90, "{dropped}");
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
            assert!(text.contains("log.dropped"), "{text}");
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
