//! Standard input and output, line by line, on threads of their own: both may block.

use std::io::{self, BufRead as _, Write as _};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use tillhouse_plugin_protocol::Response;
use tokio::sync::mpsc::UnboundedReceiver;

/// What is read, until standard input ends.
pub(super) fn input() -> UnboundedReceiver<Vec<u8>> {
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        loop {
            let mut line = Vec::new();
            match input.read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => break,
                Ok(_) if line.trim_ascii().is_empty() => {}
                Ok(_) => {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            }
        }
    });
    receiver
}

/// What is said. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Output(mpsc::Sender<String>);

impl Output {
    pub(super) fn say(&self, response: Response) {
        if let Ok(line) = serde_json::to_string(&response) {
            // A closed pipe is the reader's wish; it closes the other one as well.
            let _ = self.0.send(line);
        }
    }
}

/// The thread ends when all that was said is written, and nothing can be said any more.
pub(super) fn output() -> (Output, JoinHandle<()>) {
    let (sender, receiver) = mpsc::channel::<String>();
    let writer = thread::spawn(move || {
        let mut output = io::stdout().lock();
        for line in receiver {
            let written = writeln!(output, "{line}").and_then(|()| output.flush());
            if written.is_err() {
                break;
            }
        }
    });
    (Output(sender), writer)
}
