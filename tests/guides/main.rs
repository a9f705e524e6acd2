//! Runs every command of a guide and compares the outputs: one trial per file. A transcript stays in `target/tmp/guides`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use tillhouse_tests::guide::GuideRunner;
use tillhouse_tests::{set_up_author_folder, workspace};

/// Paths of the guides, relative to the root of the workspace.
const GUIDES: [&str; 1] = ["examples/tutorial.md"];

/// Name under which this program acts as the command `tillhouse`.
const TILLHOUSE: &str = "tillhouse";

fn main() -> ExitCode {
    let called = std::env::args_os().next().map(PathBuf::from);
    if called.is_some_and(|path| path.file_name().is_some_and(|name| name == TILLHOUSE)) {
        return tillhouse::cli::run();
    }
    let trials = GUIDES.map(|guide| Trial::test(guide, move || follow(guide)));
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

/// Follow a guide in an empty folder, with a checkout as `tillhouse` in it, and the program `tillhouse` on the `PATH`.
fn follow(guide: &str) -> Result<(), Failed> {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guides");
    let name = Path::new(guide).file_stem().unwrap_or_default();
    let folder = all.join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("bin"))?;
    let program = std::env::current_exe()?;
    symlink(&program, folder.join("bin").join(TILLHOUSE))?;
    symlink(workspace(), folder.join(TILLHOUSE))?;

    let path = std::env::var("PATH")?;
    let environment = vec![
        ("PATH", format!("{}:{path}", folder.join("bin").display())),
        ("CARGO_TARGET_DIR", set_up_author_folder(&all).display().to_string()),
    ];
    let checkout = program
        .ancestors()
        .nth(3)
        .ok_or("the program is not in a target folder")?;
    let mut walk = GuideRunner::new(folder.clone(), environment, checkout);
    let followed = walk.run(&fs::read_to_string(workspace().join(guide))?);
    fs::write(folder.with_extension("txt"), walk.record())?;
    followed.map_err(|error| format!("{guide}:{error}").into())
}
