//! `tillhouse plugin test`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::findings::is_well;
use super::wrong::{Wrong, ended};
use tillhouse_console::output;
use tillhouse_plugin_tools::{Candidate, check, test};
use tillhouse_server::config::Sources;

/// Run a plugin's tests: its unit tests, and those of the component.
///
/// Builds the component first, so that what is wrong with it is said before anything else, and then calls `cargo test` in the
/// plugin's folder. The component runs in this very program (`TILLHOUSE` tells the tests so), with a host's own limits. What
/// stands after `--` goes to `cargo test` as it is.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tillhouse plugin test
  tillhouse plugin test -- --test component
  tillhouse plugin test plugins/acme-tax -- a_region_without_a_rate -- --nocapture

Exit codes: 0 all tests passed, 1 one did not or the plugin does not compile, 2 the command was not understood or there is no
plugin, 3 the toolchain is not there.")]
pub(in crate::cli) struct Test {
    /// Folder of the plugin.
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Print one JSON document; the tests then speak on standard error.
    #[arg(long)]
    json: bool,
    /// What `cargo test` is given.
    #[arg(last = true, value_name = "ARGS")]
    words: Vec<String>,
}

impl Test {
    pub(super) fn run(self) -> ExitCode {
        ended(self.test(), self.json)
    }

    fn test(&self) -> Result<Value, Wrong> {
        output::progress(&format!(
            "building the component for {}",
            tillhouse_plugin_tools::TARGET
        ));
        let candidate = Candidate::at(&self.path)?;
        let found = check::built(&candidate);
        if !is_well(&found) {
            return Err(Wrong::Found(found));
        }
        output::progress("testing; the first time, the harness is compiled; the component runs in this program");
        let program = this_program();
        let passed = test::run(&self.path, &self.words, self.json, program.as_deref())?;
        let package = candidate.package.map(|package| package.name);
        let bytes = candidate.bytes.len();
        Ok(json!({"ok": passed, "package": package, "component": candidate.component, "bytes": bytes}))
    }
}

/// This program by the name that it was called by: one may be several, and look at that.
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
