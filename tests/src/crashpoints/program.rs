//! The two binaries: the one with the places, and the one that is shipped.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::crashloop::program;

/// Our own crates, which are built a second time with the feature: not optimised, because that takes longer than the trials
/// gain by it. What they depend on is the same in both builds.
const OWN: [&str; 3] = ["tillhouse", "tillhouse-tests", "tillhouse-sandbox"];

/// `crashpoints`, built once in a process.
#[must_use]
pub fn crashpoints() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let quick = OWN.map(|name| format!("profile.release.package.{name}.opt-level=0"));
        let mut arguments = vec!["--features", "crash-points"];
        arguments.extend(quick.iter().flat_map(|setting| ["--config", setting.as_str()]));
        program::built("tillhouse-tests", "crashpoints", &arguments)
    };
    BUILT.get_or_init(build).clone()
}

/// `tillhouse`, built as it is for everybody.
#[must_use]
pub fn shipped() -> PathBuf {
    program::tillhouse()
}
