//! `tillhouse plugin test`: runs the tests of a plugin.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::diagnostics::has_no_errors;
use super::error::{VerbError, finish};
use tillhouse_console::output;
use tillhouse_plugin_tools::{Artifact, check, test};
use tillhouse_server::config::Sources;

/// Run a plugin's tests: its unit tests, and those of the component.
///
/// Builds and checks the component first, so that its errors are reported before anything else, then runs `cargo test` in the
/// plugin's folder. The component runs in this same program (the variable `TILLHOUSE` names it), with the limits of a host.
/// Arguments after `--` are passed to `cargo test` unchanged.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tillhouse plugin test
  tillhouse plugin test -- --test component
  tillhouse plugin test plugins/acme-tax -- a_region_without_a_rate -- --nocapture

Exit codes: 0 all tests passed, 1 a test failed or the plugin does not compile, 2 usage error or no plugin found, 3 the
toolchain is missing.")]
pub(in crate::cli) struct Test {
    /// Folder of the plugin.
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Print one JSON document; the output of the tests then goes to standard error.
    #[arg(long)]
    json: bool,
    /// Arguments for `cargo test`.
    #[arg(last = true, value_name = "ARGS")]
    words: Vec<String>,
}

impl Test {
    pub(super) fn run(self) -> ExitCode {
        finish(self.test(), self.json)
    }

    fn test(&self) -> Result<Value, VerbError> {
        output::print_progress(&format!(
            "building the component for {}",
            tillhouse_plugin_tools::TARGET
        ));
        let artifact = Artifact::at(&self.path)?;
        let found = check::built(&artifact);
        if !has_no_errors(&found) {
            return Err(VerbError::Diagnostics(found));
        }
        output::print_progress("testing; the first run compiles the harness; the component runs in this program");
        let program = this_program();
        let passed = test::run(&self.path, &self.words, self.json, program.as_deref())?;
        let package = artifact.package.map(|package| package.name);
        let bytes = artifact.bytes.len();
        Ok(json!({"ok": passed, "package": package, "component": artifact.component, "bytes": bytes}))
    }
}

/// Path of this program under the name that it was called by: a program with several names may act on that.
fn this_program() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    let called = std::env::args_os().next().map(PathBuf::from)?;
    let path = Sources::process("").variable("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path);
    let mut places = std::path::absolute(&called)
        .into_iter()
        .chain(folders.map(|folder| folder.join(&called)));
    let is_own = |place: &PathBuf| place.canonicalize().ok() == own.canonicalize().ok();
    Some(places.find(is_own).unwrap_or(own))
}
