//! The tools for plugin authors (`plugin new`, `build`, `check`, `test`, `inspect`, `diff`, and `doctor`), run as commands.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod author;
mod build;
mod check;
mod components;
mod doctor;
mod help;
mod new;
mod releases;
mod template;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    if author::runs_as_tillhouse() {
        return tillhouse::cli::run();
    }
    let trials = [
        new::trials(),
        template::trials(),
        build::trials(),
        check::trials(),
        releases::trials(),
        doctor::trials(),
        help::trials(),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials.into_iter().flatten().collect()).exit_code()
}

fn trial(name: &str, run: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        run();
        Ok(())
    })
}
