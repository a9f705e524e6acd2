//! Path of the workspace.

use std::path::{Path, PathBuf};

/// The root folder of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("the package of the tests is a folder of the workspace")
        .to_owned()
}
