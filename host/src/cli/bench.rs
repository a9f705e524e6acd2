//! `tillhouse bench`: starts the benchmark, which is a separate program.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use tillhouse_console::{CommandError, output};

const PROGRAM: &str = "tillhouse-bench";

#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(super) struct Bench {
    /// Options of the benchmark; `--help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS")]
    words: Vec<OsString>,
}

impl Bench {
    pub(super) fn run(self) -> Result<(), CommandError> {
        let program = program()?;
        // `exec` replaces this process; it returns only on failure.
        let error = Command::new(&program).args(self.words).exec();
        Err(CommandError(format!("could not start {}: {error}", program.display())))
    }
}

/// The benchmark beside this program. In the target folder of a clone, cargo builds it first if it is missing or outdated.
fn program() -> Result<PathBuf, CommandError> {
    let here = std::env::current_exe()?;
    let program = here.with_file_name(PROGRAM);
    let clone = Path::new(env!("CARGO_MANIFEST_DIR"));
    let profile = here.parent().and_then(Path::file_name).unwrap_or_default();
    if clone.join("bench").is_dir() && is_below(&here, &build_folder(clone)) {
        output::print_progress("building the benchmark");
        let profile = if profile == "debug" { "dev".as_ref() } else { profile };
        let cargo = Command::new("cargo")
            .current_dir(clone)
            .args(["build", "--quiet", "--package", PROGRAM, "--profile"])
            .arg(profile)
            .status()?;
        if !cargo.success() {
            return Err(CommandError("could not build the benchmark".to_owned()));
        }
    }
    if program.is_file() {
        return Ok(program);
    }
    Err(CommandError(format!(
        "the benchmark is a separate program, and {} was not found; in a clone, install both: cargo install --path host, and \
         cargo install --path host/bench",
        program.display()
    )))
}

fn is_below(file: &Path, folder: &Path) -> bool {
    let (file, folder) = (file.canonicalize(), folder.canonicalize());
    matches!((file, folder), (Ok(file), Ok(folder)) if file.starts_with(&folder))
}

fn build_folder(clone: &Path) -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    named.unwrap_or_else(|| clone.join("../target"))
}
