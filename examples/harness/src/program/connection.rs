//! The program's standard input and output: requests by many at once, answers by their ids.

use std::collections::HashMap;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use serde_json::Value;
use tillhouse_plugin_protocol::{Kind, Problem, Request, Response};

use super::reply::{Reply, Slot};

/// A running program.
#[derive(Debug)]
pub(super) struct Connection {
    input: Mutex<ChildStdin>,
    waiting: Arc<Waiting>,
    next: AtomicU64,
}

/// Who waits for which answer.
#[derive(Debug, Default)]
struct Waiting(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    slots: HashMap<u64, Arc<Slot>>,
    /// How the program ended.
    ended: Option<String>,
}

impl Connection {
    /// Start the program. What it says on standard error is seen as if this process had said it.
    pub(super) fn open(command: &mut Command, path: &Path) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let missing = || io::Error::other("it has no pipes");
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = child.stdout.take().ok_or_else(missing)?;
        let waiting = Arc::<Waiting>::default();
        let (answered, path) = (Arc::clone(&waiting), path.to_owned());
        thread::Builder::new()
            .name("tillhouse plugin serve".to_owned())
            .spawn(move || answered.hear(output, child, &path))?;
        Ok(Self {
            input: Mutex::new(input),
            waiting,
            next: AtomicU64::new(1),
        })
    }

    /// Send a request.
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
        // A program that has ended does not read; whoever hears it says how it ended.
        let _ = input.write_all(&line).and_then(|()| input.flush());
        reply
    }
}

impl Waiting {
    fn expect(&self, id: u64) -> Reply {
        let slot = Arc::<Slot>::default();
        let mut state = self.state();
        match &state.ended {
            Some(how) => slot.fill(Err(gone(how))),
            None => drop(state.slots.insert(id, Arc::clone(&slot))),
        }
        Reply(slot)
    }

    /// Pass answers on until there are no more.
    fn hear(&self, output: ChildStdout, mut child: Child, path: &Path) {
        let mut said = None;
        for line in BufReader::new(output).lines() {
            let Ok(line) = line else { break };
            let Ok(response) = serde_json::from_str::<Response>(&line) else {
                said = Some("it said something that is not an answer");
                break;
            };
            self.answer(response);
        }
        if said.is_some() {
            // What it says next would be no better.
            let _ = child.kill();
        }
        let status = child
            .wait()
            .map_or_else(|error| error.to_string(), |status| status.to_string());
        let how = match said {
            Some(said) => format!("{} was ended, as {said}", path.display()),
            None => format!("{} has ended ({status})", path.display()),
        };
        self.end(how);
    }

    fn answer(&self, response: Response) {
        let Response { id, ok, error } = response;
        let outcome = match (ok, error) {
            (_, Some(problem)) => Err(problem),
            (ok, None) => Ok(ok.unwrap_or_default()),
        };
        let slot = id.and_then(|id| self.state().slots.remove(&id));
        if let Some(slot) = slot {
            slot.fill(outcome);
        }
    }

    /// Nobody waits for a program that is gone.
    fn end(&self, how: String) {
        let slots = {
            let mut state = self.state();
            state.ended = Some(how.clone());
            std::mem::take(&mut state.slots)
        };
        for slot in slots.into_values() {
            slot.fill(Err(gone(&how)));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn gone(how: &str) -> Problem {
    let message = format!("the program that runs the plugins is gone: {how}; it may have said why on standard error");
    Problem::new(Kind::Machine, message)
}
