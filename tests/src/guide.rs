//! Guides whose every command is run: the code blocks of a Markdown file, in order, as a reader would follow them.
//!
//! What a block is for stands after its language, where readers do not see it:
//!
//! | block | what |
//! |---|---|
//! | `sh` | Commands, each ended by its line. `fails=1`: the last of them exits with that code. |
//! | `sh terminal=2` | What is typed into another terminal: a command that goes on, and then what that reads. |
//! | `sh checkout` | Commands that build the workspace itself. |
//! | `text` | What the block before said: each line, in this order, among others. `…` stands for anything. |
//! | any with `file=PATH` | A file, whole. |
//! | `diff` | Changes of files, in unified form; line numbers are not looked at. |
//!
//! Any other language is only shown. Paths are from where the commands before have led.

mod block;
mod change;
mod said;
mod terminal;
mod walk;

pub use walk::Walk;
