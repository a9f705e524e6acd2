//! The configuration file and the files of its secrets.

use std::cell::RefCell;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::checks::Checks;
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_server::config::{Config, Sources};

const CHECK: &str = "configuration";

/// Read the configuration as `serve` does; `None` if it is invalid.
pub(super) fn check(file: &Path, checks: &mut Checks) -> Option<Config> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            checks.fail(
                CHECK,
                format!("{}: {error}", file.display()),
                "give the path of a configuration file",
            );
            return None;
        }
    };
    let read = RefCell::new(Vec::new());
    let base = file.parent().unwrap_or(Path::new(""));
    let sources = Sources::process(base).noting(|path| read.borrow_mut().push(path.to_owned()));
    let config = match Config::parse_file(&text, &sources, file) {
        Ok(config) => {
            let (file, merchants) = (file.display(), config.merchants.len());
            checks.ok(CHECK, format!("{file}: {merchants} merchants"));
            // The merchants with these problems are out of service; the others are served.
            config
                .merchants
                .values()
                .for_each(|merchant| add_diagnostics(&merchant.plugin_errors, checks));
            Some(config)
        }
        Err(errors) => {
            add_diagnostics(errors.diagnostics(), checks);
            None
        }
    };
    drop(sources);
    permissions(file, read.into_inner(), checks);
    config
}

fn add_diagnostics(errors: &[Diagnostic], checks: &mut Checks) {
    for error in errors {
        checks.add(Diagnostic {
            code: CHECK,
            ..error.clone()
        });
    }
}

/// Check file modes: secrets for the owner only; the configuration itself may also be readable by its group.
fn permissions(config: &Path, secrets: Vec<PathBuf>, checks: &mut Checks) {
    let count = secrets.len();
    let mut open = 0;
    let secret_files = secrets.into_iter().map(|path| (path, 0o077, "600"));
    for (path, others, wanted) in secret_files.chain([(config.to_owned(), 0o007, "640")]) {
        let Ok(mode) = std::fs::metadata(&path).map(|file| file.permissions().mode()) else {
            continue;
        };
        if mode & others != 0 {
            open += 1;
            let (path, mode) = (path.display(), mode & 0o777);
            checks.warn(
                "secrets",
                format!("{path} is accessible to others (mode {mode:o})"),
                format!("chmod {wanted} {path}"),
            );
        }
    }
    if open == 0 {
        checks.ok(
            "secrets",
            format!("{count} files with secrets, none accessible to others"),
        );
    }
}
