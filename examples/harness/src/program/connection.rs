//! The program's standard input and output: concurrent requests, with answers matched by id.

use std::collections::HashMap;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tillhouse_plugin_protocol::{Request, RequestError, RequestErrorKind, Response};

use super::reply::{Reply, Slot};

/// A program that was started.
#[derive(Debug)]
pub(super) struct Connection {
    input: Mutex<ChildStdin>,
    waiting: Arc<Waiting>,
    next: AtomicU64,
}

/// Requests that wait for their answer, by id.
#[derive(Debug, Default)]
struct Waiting(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    slots: HashMap<u64, Arc<Slot>>,
    /// Why the program ended, once it has.
    ended: Option<String>,
}

impl Connection {
    /// Starts the program, which inherits this process's standard error.
    pub(super) fn open(command: &mut Command, path: &Path) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let missing = || io::Error::other("the program has no pipes");
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = child.stdout.take().ok_or_else(missing)?;
        let waiting = Arc::<Waiting>::default();
        let (answered, path) = (Arc::clone(&waiting), path.to_owned());
        thread::Builder::new()
            .name("tillhouse plugin serve".to_owned())
            .spawn(move || answered.read_answers(output, child, &path))?;
        Ok(Self {
            input: Mutex::new(input),
            waiting,
            next: AtomicU64::new(1),
        })
    }

    /// Sends a request; the reply is filled when its answer arrives.
    pub(super) fn ask(&self, op: &str, with: Value) -> Reply {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let reply = self.waiting.expect(id);
        let request = Request {
            id,
            op: op.to_owned(),
            with,
        };
        let mut line = serde_json::to_vec(&request).expect("a request as JSON");
        line.push(b'\n');
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        // A write to a program that has ended fails; the reader thread reports how it ended.
        let _ = input.write_all(&line).and_then(|()| input.flush());
        reply
    }
}

impl Waiting {
    fn expect(&self, id: u64) -> Reply {
        let slot = Arc::<Slot>::default();
        let mut state = self.state();
        match &state.ended {
            Some(how) => slot.fill(Err(stopped(how))),
            None => drop(state.slots.insert(id, Arc::clone(&slot))),
        }
        Reply(slot)
    }

    /// Passes answers on until the output ends, then makes sure that the program ends.
    fn read_answers(&self, output: ChildStdout, mut child: Child, path: &Path) {
        let protocol_error = self.pass_on(output);
        let how = match (protocol_error, exit_status(&mut child)) {
            (Some(said), _) => format!("{} was stopped because {said}", path.display()),
            (None, Some(status)) => format!("{} has ended ({status})", path.display()),
            (None, None) => format!("{} was stopped because it closed its standard output", path.display()),
        };
        self.end(how);
    }

    /// Passes answers on. Returns the invalid line that ended this, if there was one.
    fn pass_on(&self, output: ChildStdout) -> Option<String> {
        const NO_ANSWER: &str = "it wrote a line that is not an answer";
        for line in BufReader::new(output).lines() {
            match line.ok().and_then(|line| serde_json::from_str::<Response>(&line).ok()) {
                None => return Some(NO_ANSWER.to_owned()),
                Some(Response {
                    id: Some(id),
                    ok,
                    error,
                }) => {
                    self.answer(id, error.map_or_else(|| Ok(ok.unwrap_or_default()), Err));
                }
                // Without an id the error cannot be matched to a request.
                Some(Response { id: None, error, .. }) => {
                    let why = error.map_or_else(String::new, |problem| format!(": {}", problem.message));
                    return Some(format!("it could not read a request{why}"));
                }
            }
        }
        None
    }

    fn answer(&self, id: u64, outcome: Result<Value, RequestError>) {
        let slot = self.state().slots.remove(&id);
        if let Some(slot) = slot {
            slot.fill(outcome);
        }
    }

    /// Fails every waiting request, because the program has ended.
    fn end(&self, how: String) {
        let slots = {
            let mut state = self.state();
            state.ended = Some(how.clone());
            std::mem::take(&mut state.slots)
        };
        for slot in slots.into_values() {
            slot.fill(Err(stopped(&how)));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a program may take to exit after it closed its output.
const EXIT_TIMEOUT: Duration = Duration::from_secs(1);

/// Exit status of a program that closed its output; `None` if it had to be killed.
fn exit_status(child: &mut Child) -> Option<String> {
    let until = Instant::now() + EXIT_TIMEOUT;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.to_string()),
            Err(error) => return Some(error.to_string()),
            Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(5)),
            Ok(None) => break,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

fn stopped(how: &str) -> RequestError {
    let message =
        format!("the program that runs the plugins has stopped: {how}; see its standard error for the reason");
    RequestError::new(RequestErrorKind::Machine, message)
}
