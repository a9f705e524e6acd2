//! What the verbs of `tillhouse` and its benchmark share: what people read, how a command ends, signals, and a host on this machine
//! with everything that it needs.

pub mod bundled;
pub mod command;
pub mod local;
pub mod output;
pub mod signals;
pub mod table;

pub use command::Failure;
