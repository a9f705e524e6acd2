//! Whose the files and folders of a host are, and who else may change or read them.
//!
//! Permission bits say nothing without an owner: a folder of mode 0700 that belongs to another user is theirs, also for a host that
//! runs as root, as a container with a mounted volume often does. So everything that a host trusts — its store, the compiled code
//! that it loads, its keys and secrets, its socket — is checked by one function of this crate, which both the host and `doctor`
//! call, with the identity that the process has.
//!
//! A path is as safe as every folder on the way to it: a user who may write to one of them can put another file in its place. Folders
//! with the sticky bit, such as `/tmp`, let only the owner of an entry do that.

mod exposure;
mod open;
mod path;
#[cfg(test)]
mod tests;

pub use exposure::{Exposure, ExposureKind};
pub use open::{create_folder, open_private, restrict};
pub use path::{Secrecy, check, check_folder_of};
