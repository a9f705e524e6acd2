//! Runs guides: executes the code blocks of a Markdown file in order, as a reader would follow them.
//!
//! The word after a block's language says what to do with it; rendered pages do not show it:
//!
//! | block | what the runner does |
//! |---|---|
//! | `sh` | Runs the commands, one per line. `fails=1`: expects the last one to exit with this code. |
//! | `sh terminal=2` | Types the lines into another terminal: a command that keeps running, then its input. |
//! | `sh checkout` | Runs commands that build the workspace itself. |
//! | `text` | Compares the output of the block before: it must contain each line, in this order. `…` matches anything. |
//! | any with `file=PATH` | Writes the whole file. |
//! | `diff` | Applies a unified diff; line numbers are ignored. |
//!
//! Blocks of other languages are only shown. Paths are relative to the directory that the commands so far have changed to.

mod block;
mod change;
mod output_match;
mod runner;
mod terminal;

pub use runner::GuideRunner;
