//! `tillhouse plugin dev` in a child process, and the events that it prints line by line.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tillhouse_tests::workspace;

/// Timeout for one event; the slowest is a build on a busy machine.
const EVENT_TIMEOUT: Duration = Duration::from_secs(300);

/// A running `tillhouse plugin dev`; dropping it kills the process.
pub(crate) struct DevProcess {
    child: Child,
    stdin: ChildStdin,
    events: Receiver<Value>,
    stderr: Arc<Mutex<String>>,
}

impl DevProcess {
    /// Start `tillhouse plugin dev --json` for a plugin.
    pub(crate) fn start(plugin: &str, words: &[&str]) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["plugin", "dev", plugin, "--json"])
            .args(words)
            // The dependencies that the workspace has built for plugins are reused.
            .env("CARGO_TARGET_DIR", workspace().join("target"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let stdin = child.stdin.take().expect("stdin is piped");
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut output = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        let stderr = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&stderr);
        std::thread::spawn(move || {
            let mut line = String::new();
            while output.read_line(&mut line).is_ok_and(|read| read > 0) {
                kept.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        Self {
            child,
            stdin,
            events,
            stderr,
        }
    }

    /// The next event of this kind; events before it are skipped, but an error event fails the test.
    pub(crate) fn next(&self, kind: &str) -> Value {
        loop {
            let event = self.events.recv_timeout(EVENT_TIMEOUT);
            let event = event.unwrap_or_else(|_| panic!("no event {kind}:\n{}", self.stderr()));
            if event["event"] == kind {
                return event;
            }
            assert!(
                !(event["event"] == "refused" || event["event"] == "not_bought"),
                "{event:#}\n{}",
                self.stderr()
            );
        }
    }

    /// Everything that the process has written to standard error so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// Send a line to standard input.
    pub(crate) fn type_line(&mut self, line: &str) {
        writeln!(self.stdin, "{line}").expect("the process reads its standard input");
    }

    /// Stop the process with SIGTERM, and return its exit code.
    pub(crate) fn end(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().expect("kill");
        assert!(asked.success(), "SIGTERM could not be sent");
        self.child.wait().expect("the process exits").code()
    }
}

impl Drop for DevProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The price of one tee before discounts, as an ACP session over HTTP shows it.
pub(crate) fn price_over_http(serving: &Value) -> i64 {
    static KEYS: AtomicU64 = AtomicU64::new(0);
    let url = serving["url"].as_str().unwrap();
    let address = url.strip_prefix("http://").unwrap();
    let body = r#"{"line_items":[{"id":"tee-classic"}],"currency":"usd","capabilities":{}}"#;
    let request = format!(
        "POST /checkout_sessions HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\nAPI-Version: 2026-04-17\r\n\
         Content-Type: application/json\r\nIdempotency-Key: {id}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}",
        key = serving["agent_key"].as_str().unwrap(),
        id = format_args!("verbs-{}", KEYS.fetch_add(1, Ordering::Relaxed)),
        length = body.len(),
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let session: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
    let totals = session["totals"].as_array().unwrap();
    let base = totals
        .iter()
        .find(|total| total["type"] == "items_base_amount")
        .unwrap();
    base["amount"].as_i64().unwrap()
}
