//! Runs the blocks of a guide in order.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::block::{Block, BlockAction, blocks, commands};
use super::change::apply_diff;
use super::output_match::first_missing_line;
use super::terminal::{FinishedCommand, Terminal};

/// A simulated reader: a folder, terminals, and a record of all commands and outputs.
#[derive(Debug)]
pub struct GuideRunner {
    folder: PathBuf,
    environment: Vec<(&'static str, String)>,
    checkout: String,
    terminals: BTreeMap<String, Terminal>,
    last: LastOutput,
    record: String,
}

/// What the next `text` block is compared with.
#[derive(Debug)]
enum LastOutput {
    /// The output of a finished command.
    Finished(String),
    /// A terminal in which a program runs.
    Terminal(String),
}

/// The terminal of commands whose block names no other.
const DEFAULT_TERMINAL: &str = "1";

impl GuideRunner {
    /// A reader in an empty folder. In commands that build the workspace, cargo's target folder is `checkout`.
    #[must_use]
    pub fn new(folder: PathBuf, environment: Vec<(&'static str, String)>, checkout: &Path) -> Self {
        Self {
            folder,
            environment,
            checkout: checkout.display().to_string(),
            terminals: BTreeMap::new(),
            last: LastOutput::Finished(String::new()),
            record: String::new(),
        }
    }

    /// Every command, its duration and its output.
    #[must_use]
    pub fn record(&self) -> &str {
        &self.record
    }

    /// Runs a guide to its end.
    ///
    /// # Errors
    /// The first line that does not hold, and why.
    pub fn run(&mut self, markdown: &str) -> Result<(), String> {
        for block in blocks(markdown)? {
            let done = self.step(&block);
            done.map_err(|error| format!("{}: {error}", block.line))?;
        }
        Ok(())
    }

    fn step(&mut self, block: &Block) -> Result<(), String> {
        match &block.action {
            BlockAction::Run { code, checkout } => self.run_commands(&commands(&block.text), *code, *checkout),
            BlockAction::Type { terminal } => {
                let _ = writeln!(self.record, "[terminal {terminal}] $ {}", block.text.trim_end());
                self.terminal(terminal)?.type_lines(&block.text)?;
                self.last = LastOutput::Terminal(terminal.clone());
                Ok(())
            }
            BlockAction::Expect => self.expect(&block.text),
            BlockAction::Write { file } => {
                let path = self.folder.join(file);
                let made = path.parent().map_or(Ok(()), fs::create_dir_all);
                made.and_then(|()| fs::write(&path, &block.text))
                    .map_err(|error| format!("{}: {error}", path.display()))
            }
            BlockAction::Change => apply_diff(&self.folder, &block.text),
        }
    }

    fn run_commands(&mut self, commands: &[String], code: i32, checkout: bool) -> Result<(), String> {
        let mut all = String::new();
        for (number, command) in commands.iter().enumerate() {
            let wanted = if number + 1 == commands.len() { code } else { 0 };
            let began = Instant::now();
            let ended = self.command(command, checkout)?;
            let _ = write!(
                self.record,
                "$ {command}\n{}({:.1} s)\n",
                ended.output,
                began.elapsed().as_secs_f64()
            );
            if ended.code != wanted {
                return Err(format!(
                    "{command} exited with {}, expected {wanted}:\n{}",
                    ended.code, ended.output
                ));
            }
            self.folder = ended.folder;
            all.push_str(&ended.output);
        }
        self.last = LastOutput::Finished(all);
        Ok(())
    }

    fn command(&mut self, command: &str, checkout: bool) -> Result<FinishedCommand, String> {
        let target_folder = self.checkout.clone();
        let terminal = self.terminal(DEFAULT_TERMINAL)?;
        if !checkout {
            return terminal.run(command);
        }
        let _ = terminal.run(&format!(
            "AUTHOR_TARGET_DIR=$CARGO_TARGET_DIR CARGO_TARGET_DIR='{target_folder}'"
        ))?;
        let ended = terminal.run(command);
        let _ = terminal.run("CARGO_TARGET_DIR=$AUTHOR_TARGET_DIR")?;
        ended
    }

    fn expect(&mut self, expected: &str) -> Result<(), String> {
        match &self.last {
            LastOutput::Finished(output) => match first_missing_line(expected, output) {
                None => Ok(()),
                Some(line) => Err(format!("the output lacks\n{line}\nin:\n{output}")),
            },
            LastOutput::Terminal(name) => {
                let terminal = self
                    .terminals
                    .get_mut(name)
                    .ok_or("no program is running in the terminal")?;
                let waited = terminal.wait(|output| first_missing_line(expected, output).is_none());
                let (Ok(output) | Err(output)) = &waited;
                self.record.push_str(output);
                waited
                    .map(|_| ())
                    .map_err(|error| format!("the output lacks: {expected}\n{error}"))
            }
        }
    }

    fn terminal(&mut self, name: &str) -> Result<&mut Terminal, String> {
        if !self.terminals.contains_key(name) {
            let opened = Terminal::open(&self.folder, &self.environment);
            let opened = opened.map_err(|error| format!("could not start a shell: {error}"))?;
            self.terminals.insert(name.to_owned(), opened);
        }
        self.terminals
            .get_mut(name)
            .ok_or_else(|| "could not start a shell".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TestFolder;

    fn run(markdown: &str) -> (Result<(), String>, TestFolder) {
        let folder = TestFolder::new();
        let mut runner = GuideRunner::new(folder.path().to_owned(), Vec::new(), Path::new("/nowhere"));
        (runner.run(markdown), folder)
    }

    #[test]
    fn a_guide_without_errors_is_run_to_its_end() {
        let (result, folder) = run(
            "```txt file=price\n1\n```\n```sh terminal=2\ncat\n```\n```sh terminal=2\nb\n```\n```text\nb\n```\n\
             ```sh\nmkdir shop; cd shop\nmv ../price .\n```\n```diff\n+++ price\n-1\n+2\n```\n```sh fails=7\ncat price\n\
             (exit 7)\n```\n```text\n2\n```\n",
        );
        assert_eq!(result, Ok(()));
        assert_eq!(fs::read_to_string(folder.path().join("shop/price")).unwrap(), "2\n");
    }

    #[test]
    fn a_failure_is_reported_with_its_line() {
        let (result, _folder) = run("```sh\ntrue\n```\n\n```sh\nfalse\n```\n");
        assert_eq!(result, Err("6: false exited with 1, expected 0:\n".to_owned()));
        let (result, _folder) = run("```sh\necho 1\n```\n```text\n2\n```\n");
        assert_eq!(result, Err("5: the output lacks\n2\nin:\n1\n".to_owned()));
    }
}
