//! The memory of this process stays in it: it holds card data and keys, for moments (PCI DSS 4.0.1, 3.3.1).

use std::io;

/// No core is written when this process dies. For the very beginning, before any secret is read.
///
/// # Errors
/// When the system does not allow it.
pub fn no_core_dumps() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    Ok(setrlimit(Resource::Core, none)?)
}

/// No core goes to a program either (`core_pattern` with a pipe does not ask for the limit), and no other process of this user
/// may look into the memory (`PR_SET_DUMPABLE`).
///
/// For after the plugins are loaded and before anybody is let in: the engine opens its own page map, which belongs to root from
/// then on.
///
/// # Errors
/// When the system does not allow it.
pub fn hide() -> io::Result<()> {
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
        no_core_dumps().unwrap();
        hide().unwrap();
        let core = rustix::process::getrlimit(rustix::process::Resource::Core);
        assert_eq!((core.current, core.maximum), (Some(0), Some(0)));
        let dumpable = rustix::process::dumpable_behavior().unwrap();
        assert_eq!(dumpable, rustix::process::DumpableBehavior::NotDumpable);
    }
}
