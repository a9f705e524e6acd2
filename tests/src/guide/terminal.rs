//! A shell that lines are typed into.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::without_cargo_variables;

/// Timeout of a command: the longest is a build on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(900);

/// Printed by the shell after each command, with exit code and working directory; does not occur in normal output.
const END_OF_COMMAND: &str = "\u{1}over";

/// A shell; ended when dropped, with all its child processes.
#[derive(Debug)]
pub(super) struct Terminal {
    shell: Child,
    keys: ChildStdin,
    screen: Arc<Screen>,
    /// Length of the output that was read already.
    seen: usize,
}

/// The output so far.
#[derive(Debug, Default)]
struct Screen {
    text: Mutex<(Vec<u8>, bool)>,
    printed: Condvar,
}

/// The result of a command.
#[derive(Debug)]
pub(super) struct FinishedCommand {
    pub(super) code: i32,
    pub(super) folder: PathBuf,
    pub(super) output: String,
}

impl Terminal {
    /// Opens a shell in a folder.
    pub(super) fn open(folder: &Path, environment: &[(&str, String)]) -> std::io::Result<Self> {
        let (mut output, both) = std::io::pipe()?;
        let mut bash = Command::new("bash");
        let mut shell = without_cargo_variables(&mut bash)
            .args(["--noprofile", "--norc"])
            .current_dir(folder)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(both.try_clone()?)
            .stderr(both)
            // Its own process group, so that child processes end with it.
            .process_group(0)
            .spawn()?;
        let keys = shell.stdin.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
        let screen = Arc::new(Screen::default());
        let printer = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut chunk) {
                printer.print(&chunk[..read]);
            }
            printer.end();
        });
        Ok(Self {
            shell,
            keys,
            screen,
            seen: 0,
        })
    }

    /// Types lines without waiting.
    pub(super) fn type_lines(&mut self, lines: &str) -> Result<(), String> {
        let typed = self.keys.write_all(lines.as_bytes());
        typed.map_err(|error| format!("the terminal is closed: {error}"))
    }

    /// Runs a command, and waits until it ends.
    pub(super) fn run(&mut self, command: &str) -> Result<FinishedCommand, String> {
        let quoted = command.replace('\'', r"'\''");
        self.type_lines(&format!(
            "eval '{quoted}' </dev/null; printf '{END_OF_COMMAND} %s %s\\n' \"$?\" \"$PWD\"\n"
        ))?;
        let output = self.wait(|output| end_of_command(output).is_some())?;
        let (output, code, folder) = end_of_command(&output).ok_or("the shell has ended")?;
        Ok(FinishedCommand {
            code,
            folder,
            output: output.to_owned(),
        })
    }

    /// The new output, as soon as it satisfies a condition.
    pub(super) fn wait(&mut self, is_complete: impl Fn(&str) -> bool) -> Result<String, String> {
        let until = Instant::now() + TIMEOUT;
        let mut text = self.screen.lock();
        loop {
            let (bytes, ended) = &*text;
            let output = String::from_utf8_lossy(&bytes[self.seen..]).into_owned();
            if is_complete(&output) {
                self.seen = bytes.len();
                return Ok(output);
            }
            let left = until.saturating_duration_since(Instant::now());
            if *ended || left.is_zero() {
                let why = if *ended { "the shell ended" } else { "timed out" };
                return Err(format!("{why} after:\n{output}"));
            }
            let waited = self.screen.printed.wait_timeout(text, left);
            text = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Screen {
    fn lock(&self) -> MutexGuard<'_, (Vec<u8>, bool)> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn print(&self, chunk: &[u8]) {
        self.lock().0.extend_from_slice(chunk);
        self.printed.notify_all();
    }

    fn end(&self) {
        self.lock().1 = true;
        self.printed.notify_all();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let group = format!("-{}", self.shell.id());
        let _ = Command::new("kill").args(["-TERM", "--", &group]).status();
        let _ = self.shell.wait();
    }
}

/// The output of a finished command, its exit code and the working directory; `None` while it runs.
fn end_of_command(output: &str) -> Option<(&str, i32, PathBuf)> {
    let (before, after) = output.split_once(END_OF_COMMAND)?;
    let (line, _) = after.split_once('\n')?;
    let (code, folder) = line.trim_start().split_once(' ')?;
    Some((before, code.parse().ok()?, PathBuf::from(folder)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_follow_each_other_in_one_shell() {
        let mut terminal = Terminal::open(Path::new("/"), &[("WHO", "it's me".to_owned())]).unwrap();
        let ended = terminal.run("cd tmp && echo \"$WHO\" && read line").unwrap();
        assert_eq!((ended.output.as_str(), ended.code), ("it's me\n", 1));
        let ended = terminal.run("pwd >&2; exit_code() { return 3; }; exit_code").unwrap();
        assert_eq!((ended.output.as_str(), ended.code), ("/tmp\n", 3));
        assert_eq!(ended.folder, Path::new("/tmp"));
    }

    #[test]
    fn what_is_typed_reaches_the_program_that_runs() {
        let mut terminal = Terminal::open(Path::new("/"), &[]).unwrap();
        terminal
            .type_lines("while read line; do echo \"<$line>\"; done\n")
            .unwrap();
        terminal.type_lines("b\n").unwrap();
        assert_eq!(terminal.wait(|output| output.contains('>')).unwrap(), "<b>\n");
        terminal.type_lines("c\n").unwrap();
        assert_eq!(terminal.wait(|output| output.contains('>')).unwrap(), "<c>\n");
    }

    #[test]
    fn waiting_ends_when_the_shell_ends() {
        let mut terminal = Terminal::open(Path::new("/"), &[]).unwrap();
        let error = terminal.run("echo last; exit 1").unwrap_err();
        assert_eq!(error, "the shell ended after:\nlast\n");
    }
}
