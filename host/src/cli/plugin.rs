//! `tillhouse plugin …`, one verb a file.

mod build;
mod check;
mod diff;
mod findings;
mod inspect;
mod new;
mod test;
mod wrong;

use std::process::ExitCode;

use clap::Subcommand;

/// Write, build, check and test plugins.
///
/// A plugin is a WebAssembly component that makes a merchant's decisions: prices, shipping, taxes, the charge. `new` writes one
/// that works; every other verb takes its folder, which is the current one unless another is given.
///
/// Exit codes: 0 done, 1 the plugin is wrong, 2 the command was not understood, 3 what is needed of this machine is not there.
#[derive(Debug, Subcommand)]
pub(super) enum Plugin {
    New(new::New),
    Build(build::Build),
    Check(check::Check),
    Test(test::Test),
    Inspect(inspect::Inspect),
    Diff(diff::Diff),
}

impl Plugin {
    pub(super) fn run(self) -> ExitCode {
        match self {
            Self::New(new) => new.run(),
            Self::Build(build) => build.run(),
            Self::Check(check) => check.run(),
            Self::Test(test) => test.run(),
            Self::Inspect(inspect) => inspect.run(),
            Self::Diff(diff) => diff.run(),
        }
    }
}
