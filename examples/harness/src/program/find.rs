//! Finds the program: named by the environment, on `PATH`, or in the checkout that this crate is part of.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::install_hint;

/// Environment variable that names the program.
const PROGRAM_VARIABLE: &str = "TILLHOUSE";
const PROGRAM: &str = "tillhouse";

/// Variables that cargo sets for the programs of a package. Build scripts that depend on them would run again for each
/// of their values, and most of the host would be built a second time.
const PACKAGE_VARIABLES: [&str; 5] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_CRATE_",
    "CARGO_PRIMARY_",
];

/// Where the program was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Location {
    /// Path of the executable.
    File(PathBuf),
    /// Folder of the checkout that has its sources.
    Checkout(PathBuf),
}

/// Path of the program; builds it if only its sources were found.
pub(super) fn program() -> Result<PathBuf, String> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    match locate(env::var_os(PROGRAM_VARIABLE), env::var_os("PATH"), &own)? {
        Location::File(file) => Ok(file),
        Location::Checkout(folder) => build(&folder),
    }
}

pub(super) fn locate(named: Option<OsString>, path: Option<OsString>, own: &Path) -> Result<Location, String> {
    if let Some(named) = named.filter(|named| !named.is_empty()) {
        let file = PathBuf::from(named);
        if file.is_file() {
            return Ok(Location::File(file));
        }
        return Err(format!(
            "{PROGRAM_VARIABLE} names {}, which is not a file; {}",
            file.display(),
            install_hint()
        ));
    }
    if let Some(file) = on_path(path.as_deref()) {
        return Ok(Location::File(file));
    }
    if own.join("host/Cargo.toml").is_file() {
        return Ok(Location::Checkout(own.to_owned()));
    }
    Err(format!(
        "program `{PROGRAM}` not found, which runs the tests of a plugin: {}",
        install_hint()
    ))
}

fn on_path(path: Option<&OsStr>) -> Option<PathBuf> {
    let folders = path.map(env::split_paths).into_iter().flatten();
    let name = format!("{PROGRAM}{}", env::consts::EXE_SUFFIX);
    folders.map(|folder| folder.join(&name)).find(|file| file.is_file())
}

/// Builds the program with cargo, unless it is up to date. Cargo prints its progress on standard error.
fn build(checkout: &Path) -> Result<PathBuf, String> {
    let shown = checkout.canonicalize().unwrap_or_else(|_| checkout.to_owned());
    let shown = shown.display();
    // Not with `eprintln!`, whose output is captured if the test passes.
    let _ = writeln!(
        io::stderr().lock(),
        "tillhouse-harness: `{PROGRAM}` is not named by {PROGRAM_VARIABLE} and not on PATH; building it in {shown}, which takes minutes the \
         first time"
    );
    let mut cargo = Command::new("cargo");
    remove_cargo_variables(&mut cargo);
    cargo
        .current_dir(checkout)
        .args(["build", "--package", PROGRAM, "--bin", PROGRAM])
        .args(["--message-format", "json-render-diagnostics"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let output = cargo.output().map_err(|error| format!("cannot start cargo: {error}"))?;
    let built = output.status.success().then(|| executable(&output.stdout)).flatten();
    built.ok_or_else(|| {
        format!(
            "cannot build `{PROGRAM}` in {shown}; see the output of cargo above; {}",
            install_hint()
        )
    })
}

/// Path of the executable in cargo's JSON messages.
fn executable(messages: &[u8]) -> Option<PathBuf> {
    let messages = String::from_utf8_lossy(messages);
    let of_program = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_it = message.pointer("/target/name").and_then(Value::as_str) == Some(PROGRAM);
        let file = message.get("executable")?.as_str().filter(|_| is_it)?;
        Some(PathBuf::from(file))
    };
    messages.lines().find_map(of_program)
}

/// Removes from a command the variables that cargo sets for the package of the tests.
pub(super) fn remove_cargo_variables(command: &mut Command) {
    let of_package = |name: &str| PACKAGE_VARIABLES.iter().any(|prefix| name.starts_with(prefix));
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(of_package) {
            command.env_remove(&name);
        }
    }
}
