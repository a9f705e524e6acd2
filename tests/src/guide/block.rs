//! Parses the code blocks of a Markdown file.

/// A block that the reader acts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Number of the block's first line in the file.
    pub(super) line: usize,
    pub(super) action: BlockAction,
    pub(super) text: String,
}

/// What to do with a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BlockAction {
    /// Run its commands; the last must exit with this code.
    Run { code: i32, checkout: bool },
    /// Type it into the terminal of this name, without waiting.
    Type { terminal: String },
    /// Compare it with the output so far.
    Expect,
    /// Write it into a file.
    Write { file: String },
    /// Apply it as a diff.
    Change,
}

impl BlockAction {
    /// Parses the words after the fence; `None` for a block that is only shown.
    fn by(info: &str) -> Result<Option<Self>, String> {
        let mut words = info.split_whitespace();
        let language = words.next().unwrap_or_default();
        let (mut code, mut checkout, mut terminal, mut file) = (0, false, None, None);
        for word in words {
            match word.split_once('=') {
                Some(("fails", given)) => code = given.parse().map_err(|_| format!("not an exit code: {word}"))?,
                Some(("terminal", given)) => terminal = Some(given.to_owned()),
                Some(("file", given)) => file = Some(given.to_owned()),
                None if word == "checkout" => checkout = true,
                _ => return Err(format!("unknown word: {word}")),
            }
        }
        Ok(match (language, terminal, file) {
            (_, _, Some(file)) => Some(Self::Write { file }),
            ("sh", Some(terminal), None) => Some(Self::Type { terminal }),
            ("sh", None, None) => Some(Self::Run { code, checkout }),
            ("text", None, None) => Some(Self::Expect),
            ("diff", None, None) => Some(Self::Change),
            _ => None,
        })
    }
}

/// Parses the blocks of a file.
///
/// # Errors
/// The line number and what is wrong there.
pub(super) fn blocks(markdown: &str) -> Result<Vec<Block>, String> {
    let mut blocks = Vec::new();
    let mut lines = markdown.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            continue;
        };
        let does = BlockAction::by(info).map_err(|error| format!("{}: {error}", number + 1))?;
        let mut text = String::new();
        loop {
            let Some((_, line)) = lines.next() else {
                return Err(format!("{}: the block is not closed", number + 1));
            };
            if line == "```" {
                break;
            }
            text.push_str(line);
            text.push('\n');
        }
        blocks.extend(does.map(|does| Block {
            line: number + 2,
            action: does,
            text,
        }));
    }
    Ok(blocks)
}

/// The commands of a block: one per line; a backslash at the end continues a line. Comments are skipped.
pub(super) fn commands(text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut command = String::new();
    for line in text.lines() {
        command.push_str(line);
        if line.ends_with('\\') {
            command.push('\n');
        } else if !command.trim().is_empty() && !command.starts_with('#') {
            commands.push(std::mem::take(&mut command));
        } else {
            command.clear();
        }
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_classified_by_the_words_after_its_language() {
        let markdown = "Text.\n```sh fails=1\nfalse\n```\n```text\nno\n```\n```sh terminal=2\nserve\n```\n\
                        ```rust file=src/lib.rs\n//! It.\n```\n```diff\n+it\n```\n```rust\nshown();\n```\n";
        let found = blocks(markdown).unwrap();
        let does: Vec<BlockAction> = found.iter().map(|block| block.action.clone()).collect();
        let code = 1;
        let checkout = false;
        let terminal = "2".to_owned();
        let file = "src/lib.rs".to_owned();
        assert_eq!(
            does,
            [
                BlockAction::Run { code, checkout },
                BlockAction::Expect,
                BlockAction::Type { terminal },
                BlockAction::Write { file },
                BlockAction::Change,
            ]
        );
        assert_eq!((found[0].line, found[0].text.as_str()), (3, "false\n"));
    }

    #[test]
    fn a_word_that_means_nothing_is_refused_with_its_line() {
        assert_eq!(
            blocks("\n```sh failing\n```\n"),
            Err("2: unknown word: failing".to_owned())
        );
        assert_eq!(blocks("```sh\n"), Err("1: the block is not closed".to_owned()));
    }

    #[test]
    fn a_command_may_have_several_lines() {
        assert_eq!(commands("# First.\ncd x\n\nadd a \\\n  b\n"), ["cd x", "add a \\\n  b"]);
    }
}
