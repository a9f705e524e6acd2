//! Shared by the verbs of `tillhouse` and its benchmark: output, exit codes, signals, and a local host with everything that it
//! needs.

pub mod bundled;
pub mod command;
pub mod folder;
pub mod local_host;
pub mod output;
pub mod signals;
pub mod table;

pub use command::CommandError;
