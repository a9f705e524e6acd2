//! Protects the memory of this process, which briefly holds card data and keys (PCI DSS 4.0.1, 3.3.1).

use std::io;

/// Disables core dumps. Call it first, before any secret is read.
///
/// # Errors
/// When the operating system does not allow it.
pub fn disable_core_dumps() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    Ok(setrlimit(Resource::Core, none)?)
}

/// Has every file and folder that this process creates be its user's alone. Call it first, before a file is created.
pub fn create_private_files() {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Prevents core dumps to a program (`core_pattern` with a pipe ignores the limit) and access to the memory by other processes of
/// this user (`PR_SET_DUMPABLE`).
///
/// Call it after the plugins are loaded and before the first request: the engine opens its own page map, which belongs to root
/// afterwards.
///
/// # Errors
/// When the operating system does not allow it.
pub fn protect_memory() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn the_memory_of_this_process_is_its_own() {
        disable_core_dumps().unwrap();
        protect_memory().unwrap();
        let core = rustix::process::getrlimit(rustix::process::Resource::Core);
        assert_eq!((core.current, core.maximum), (Some(0), Some(0)));
        let dumpable = rustix::process::dumpable_behavior().unwrap();
        assert_eq!(dumpable, rustix::process::DumpableBehavior::NotDumpable);
    }
}
