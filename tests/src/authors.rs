//! Where tests are somebody who writes plugins: folders outside the workspace, and what cargo is told in them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{build_folder, workspace};

/// The profile is in the workspace's words, because cargo builds a crate again whose profile is put in others.
const CARGO: &str = r#"[net]
offline = true

[profile.release]
codegen-units = 16

[profile.dev]
debug = false

[profile.dev.package."*"]
debug-assertions = false
overflow-checks = false
"#;

/// Have cargo build what is below this folder without a network and beside the workspace's own build: the build folder, for
/// `CARGO_TARGET_DIR`.
///
/// # Panics
/// When the folder cannot be written or the build folder be filled.
#[must_use]
pub fn authors(folder: &Path) -> PathBuf {
    fs::create_dir_all(folder.join(".cargo")).expect("a folder for authors");
    fs::write(folder.join(".cargo/config.toml"), CARGO).expect("what cargo is told there");
    build_folder(&workspace(), "developer").expect("a build folder")
}
