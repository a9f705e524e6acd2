//! Where the program is: named, on the path, or in the checkout that this crate lies in.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::how_to_get_it;

/// Names the program.
const NAMED: &str = "TILLHOUSE";
const PROGRAM: &str = "tillhouse";

/// Variables that cargo sets for the programs of a package. Build scripts that look at them would run again for each of their
/// values, and most of the host would be built a second time.
const PER_PACKAGE: [&str; 5] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_CRATE_",
    "CARGO_PRIMARY_",
];

/// Where the program is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is there.
    File(PathBuf),
    /// Its sources are.
    Checkout(PathBuf),
}

/// The program, built where only its sources are there.
pub(super) fn program() -> Result<PathBuf, String> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    match place(env::var_os(NAMED), env::var_os("PATH"), &own)? {
        Place::File(file) => Ok(file),
        Place::Checkout(folder) => build(&folder),
    }
}

pub(super) fn place(named: Option<OsString>, path: Option<OsString>, own: &Path) -> Result<Place, String> {
    if let Some(named) = named.filter(|named| !named.is_empty()) {
        let file = PathBuf::from(named);
        if file.is_file() {
            return Ok(Place::File(file));
        }
        return Err(format!(
            "{NAMED} names {}, which is not a program; {}",
            file.display(),
            how_to_get_it()
        ));
    }
    if let Some(file) = on_path(path.as_deref()) {
        return Ok(Place::File(file));
    }
    if own.join("host/Cargo.toml").is_file() {
        return Ok(Place::Checkout(own.to_owned()));
    }
    Err(format!(
        "the tests of a plugin run in the program `{PROGRAM}`, and it is not there: {}",
        how_to_get_it()
    ))
}

fn on_path(path: Option<&OsStr>) -> Option<PathBuf> {
    let folders = path.map(env::split_paths).into_iter().flatten();
    let name = format!("{PROGRAM}{}", env::consts::EXE_SUFFIX);
    folders.map(|folder| folder.join(&name)).find(|file| file.is_file())
}

/// Have cargo build it, or find that it is built. Cargo says on standard error what it does.
fn build(checkout: &Path) -> Result<PathBuf, String> {
    let shown = checkout.canonicalize().unwrap_or_else(|_| checkout.to_owned());
    let shown = shown.display();
    // Not by a macro, whose output is kept back where a test passes.
    let _ = writeln!(
        io::stderr().lock(),
        "tillhouse-harness: `{PROGRAM}` is neither named by {NAMED} nor on PATH; taking the one of {shown}, which is built the \
         first time, and that takes minutes"
    );
    let mut cargo = Command::new("cargo");
    unaware_of_cargo(&mut cargo);
    cargo
        .current_dir(checkout)
        .args(["build", "--package", PROGRAM, "--bin", PROGRAM])
        .args(["--message-format", "json-render-diagnostics"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let output = cargo
        .output()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    let built = output.status.success().then(|| executable(&output.stdout)).flatten();
    built.ok_or_else(|| {
        format!(
            "`{PROGRAM}` could not be built in {shown}; cargo has said why; {}",
            how_to_get_it()
        )
    })
}

/// The executable among cargo's messages.
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

/// Keep from a command what cargo tells the tests of a package of that package.
pub(super) fn unaware_of_cargo(command: &mut Command) {
    let of_package = |name: &str| PER_PACKAGE.iter().any(|prefix| name.starts_with(prefix));
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(of_package) {
            command.env_remove(&name);
        }
    }
}
