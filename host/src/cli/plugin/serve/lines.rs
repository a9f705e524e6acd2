//! Standard input and output, line by line, on threads of their own: both may block.

use std::io::{self, BufRead as _, Write as _};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use tillhouse_plugin_protocol::Response;
use tokio::sync::mpsc::UnboundedReceiver;

/// The lines of standard input without blank ones, until it ends.
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

/// Sender of responses to standard output. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Output(mpsc::Sender<String>);

impl Output {
    pub(super) fn send(&self, response: Response) {
        if let Ok(line) = serde_json::to_string(&response) {
            // Ignore broken pipes: a client that stops reading also closes standard input.
            let _ = self.0.send(line);
        }
    }
}

/// The writer thread ends once every [`Output`] is dropped and all responses are written.
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
