//! The commands of `tillhouse plugin`, run as a plugin author runs them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod bench;
mod charge;
mod dev;
mod dev_process;
mod faults;
mod inputs;
mod run;
mod swap;

use std::path::PathBuf;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use tillhouse_tests::process::{CommandOutput, plugin_if_invoked, tillhouse};
use tillhouse_tests::{TestFolder, workspace};
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    if let Some(code) = plugin_if_invoked() {
        return code;
    }
    let trials = [
        run::trials(),
        charge::trials(),
        faults::trials(),
        bench::trials(),
        swap::trials(),
        dev::trials(),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials.into_iter().flatten().collect()).exit_code()
}

/// A test case with an async runtime of its own.
fn trial<F: Future<Output = ()>>(name: &str, run: impl FnOnce() -> F + Send + 'static) -> Trial {
    Trial::test(name, move || {
        Runtime::new().expect("a runtime").block_on(run());
        Ok(())
    })
}

/// Absolute path of a plugin of the workspace.
fn plugin(folder: &str) -> String {
    let path: PathBuf = workspace().join(folder);
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// Run `tillhouse plugin VERB` for a plugin of the workspace.
fn verb(verb: &str, folder: &str, words: &[&str]) -> CommandOutput {
    let path = plugin(folder);
    let mut all = vec!["plugin", verb, path.as_str()];
    all.extend(words);
    tillhouse(&all)
}

/// Run `tillhouse plugin run --json` for one function, with this JSON input.
fn run_with(folder: &str, function: &str, input: &str, words: &[&str]) -> CommandOutput {
    let files = TestFolder::new();
    let input = files.write("input.json", input);
    let mut all = vec!["--function", function, "--json", "--input", input.to_str().unwrap()];
    all.extend(words);
    verb("run", folder, &all)
}
