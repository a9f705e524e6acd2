//! Sets up a folder outside the workspace, in which tests act as a plugin author, and the cargo configuration of it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{build_folder, workspace};

/// The profile is copied verbatim from the workspace, because cargo rebuilds a crate when its profile differs.
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

/// Makes cargo build what is below this folder offline and apart from the workspace's own build. Returns the build folder, for
/// `CARGO_TARGET_DIR`.
///
/// # Panics
/// When the folder cannot be written or the build folder cannot be filled.
#[must_use]
pub fn set_up_author_folder(folder: &Path) -> PathBuf {
    fs::create_dir_all(folder.join(".cargo")).expect("the author's folder can be created");
    fs::write(folder.join(".cargo/config.toml"), CARGO).expect("the author's cargo configuration can be written");
    build_folder(&workspace(), "developer").expect("the author's build folder can be filled")
}
