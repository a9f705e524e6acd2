//! Follows a guide: runs its blocks in order.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::block::{Block, Does, blocks, commands};
use super::change::change;
use super::said::missing;
use super::terminal::{Ended, Terminal};

/// A simulated reader: a folder, terminals, and a record of all commands and outputs.
#[derive(Debug)]
pub struct Walk {
    folder: PathBuf,
    environment: Vec<(&'static str, String)>,
    checkout: String,
    terminals: BTreeMap<String, Terminal>,
    last: Last,
    record: String,
}

/// What the next `text` block is compared with.
#[derive(Debug)]
enum Last {
    /// The output of a finished command.
    Said(String),
    /// A terminal in which a program runs.
    Terminal(String),
}

/// The terminal of commands whose block names no other.
const FIRST: &str = "1";

impl Walk {
    /// A reader in an empty folder. In commands that build the workspace, cargo's target folder is `checkout`.
    #[must_use]
    pub fn new(folder: PathBuf, environment: Vec<(&'static str, String)>, checkout: &Path) -> Self {
        Self {
            folder,
            environment,
            checkout: checkout.display().to_string(),
            terminals: BTreeMap::new(),
            last: Last::Said(String::new()),
            record: String::new(),
        }
    }

    /// Every command, its duration and its output.
    #[must_use]
    pub fn record(&self) -> &str {
        &self.record
    }

    /// Follows a guide to its end.
    ///
    /// # Errors
    /// The first line that does not hold, and why.
    pub fn follow(&mut self, markdown: &str) -> Result<(), String> {
        for block in blocks(markdown)? {
            let done = self.step(&block);
            done.map_err(|error| format!("{}: {error}", block.line))?;
        }
        Ok(())
    }

    fn step(&mut self, block: &Block) -> Result<(), String> {
        match &block.does {
            Does::Run { code, checkout } => self.run(&commands(&block.text), *code, *checkout),
            Does::Type { terminal } => {
                let _ = writeln!(self.record, "[terminal {terminal}] $ {}", block.text.trim_end());
                self.terminal(terminal)?.type_lines(&block.text)?;
                self.last = Last::Terminal(terminal.clone());
                Ok(())
            }
            Does::Expect => self.expect(&block.text),
            Does::Write { file } => {
                let path = self.folder.join(file);
                let made = path.parent().map_or(Ok(()), fs::create_dir_all);
                made.and_then(|()| fs::write(&path, &block.text))
                    .map_err(|error| format!("{}: {error}", path.display()))
            }
            Does::Change => change(&self.folder, &block.text),
        }
    }

    fn run(&mut self, commands: &[String], code: i32, checkout: bool) -> Result<(), String> {
        let mut all = String::new();
        for (number, command) in commands.iter().enumerate() {
            let wanted = if number + 1 == commands.len() { code } else { 0 };
            let began = Instant::now();
            let ended = self.command(command, checkout)?;
            let _ = write!(
                self.record,
                "$ {command}\n{}({:.1} s)\n",
                ended.said,
                began.elapsed().as_secs_f64()
            );
            if ended.code != wanted {
                return Err(format!(
                    "{command} exited with {}, expected {wanted}:\n{}",
                    ended.code, ended.said
                ));
            }
            self.folder = ended.folder;
            all.push_str(&ended.said);
        }
        self.last = Last::Said(all);
        Ok(())
    }

    fn command(&mut self, command: &str, checkout: bool) -> Result<Ended, String> {
        let built = self.checkout.clone();
        let terminal = self.terminal(FIRST)?;
        if !checkout {
            return terminal.run(command);
        }
        let _ = terminal.run(&format!("AUTHORS=$CARGO_TARGET_DIR CARGO_TARGET_DIR='{built}'"))?;
        let ended = terminal.run(command);
        let _ = terminal.run("CARGO_TARGET_DIR=$AUTHORS")?;
        ended
    }

    fn expect(&mut self, expected: &str) -> Result<(), String> {
        match &self.last {
            Last::Said(said) => match missing(expected, said) {
                None => Ok(()),
                Some(line) => Err(format!("the output lacks\n{line}\nin:\n{said}")),
            },
            Last::Terminal(name) => {
                let terminal = self
                    .terminals
                    .get_mut(name)
                    .ok_or("no program is running in the terminal")?;
                let waited = terminal.wait(|said| missing(expected, said).is_none());
                let (Ok(said) | Err(said)) = &waited;
                self.record.push_str(said);
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

    fn follow(markdown: &str) -> (Result<(), String>, TestFolder) {
        let folder = TestFolder::new();
        let mut walk = Walk::new(folder.path().to_owned(), Vec::new(), Path::new("/nowhere"));
        (walk.follow(markdown), folder)
    }

    #[test]
    fn a_guide_that_holds_is_followed() {
        let (followed, folder) = follow(
            "```txt file=price\n1\n```\n```sh terminal=2\ncat\n```\n```sh terminal=2\nb\n```\n```text\nb\n```\n\
             ```sh\nmkdir shop; cd shop\nmv ../price .\n```\n```diff\n+++ price\n-1\n+2\n```\n```sh fails=7\ncat price\n\
             (exit 7)\n```\n```text\n2\n```\n",
        );
        assert_eq!(followed, Ok(()));
        assert_eq!(fs::read_to_string(folder.path().join("shop/price")).unwrap(), "2\n");
    }

    #[test]
    fn what_does_not_hold_is_said_with_its_line() {
        let (followed, _folder) = follow("```sh\ntrue\n```\n\n```sh\nfalse\n```\n");
        assert_eq!(followed, Err("6: false exited with 1, expected 0:\n".to_owned()));
        let (followed, _folder) = follow("```sh\necho 1\n```\n```text\n2\n```\n");
        assert_eq!(followed, Err("5: the output lacks\n2\nin:\n1\n".to_owned()));
    }
}
