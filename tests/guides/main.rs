//! Guides, followed to the letter: a trial a file. What was done and said is left in `target/tmp/guides`.

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
use tillhouse_tests::guide::Walk;
use tillhouse_tests::{authors, workspace};

/// Each, from the root of the workspace.
const GUIDES: [&str; 1] = ["examples/tutorial.md"];

/// What the program is called where it is to be `tillhouse`.
const TILLHOUSE: &str = "tillhouse";

fn main() -> ExitCode {
    let called = std::env::args_os().next().map(PathBuf::from);
    if called.is_some_and(|path| path.file_name().is_some_and(|name| name == TILLHOUSE)) {
        return tillhouse::cli::run();
    }
    let trials = GUIDES.map(|guide| Trial::test(guide, move || follow(guide)));
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

/// As a reader who has a checkout beside an empty folder, and `tillhouse` on the path.
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
        ("CARGO_TARGET_DIR", authors(&all).display().to_string()),
    ];
    let checkout = program.ancestors().nth(3).ok_or("the program is in no target folder")?;
    let mut walk = Walk::new(folder.clone(), environment, checkout);
    let followed = walk.follow(&fs::read_to_string(workspace().join(guide))?);
    fs::write(folder.with_extension("txt"), walk.record())?;
    followed.map_err(|error| format!("{guide}:{error}").into())
}
