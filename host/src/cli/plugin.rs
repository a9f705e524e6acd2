//! `tillhouse plugin …`, one verb a file.

mod bench;
mod build;
mod check;
mod dev;
mod diff;
mod faults;
mod findings;
mod given;
mod inspect;
mod new;
mod run;
mod serve;
mod subject;
mod test;
mod trying;
mod wrong;

use std::process::ExitCode;

use clap::Subcommand;

/// Write, build, check, test and try plugins.
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
    /// Call one function of a plugin, and see its answer, what it cost, and what it logged and sent.
    Run(run::Run),
    /// Serve a plugin on this machine: built again on every change, swapped in without dropping a request, every call shown.
    Dev(dev::Dev),
    /// Measure what each decision of a plugin costs by the size of the cart, and at which size it meets a limit.
    Bench(bench::Bench),
    Inspect(inspect::Inspect),
    Serve(serve::Serve),
    Diff(diff::Diff),
}

impl Plugin {
    pub(super) fn run(self) -> ExitCode {
        match self {
            Self::New(new) => new.run(),
            Self::Build(build) => build.run(),
            Self::Check(check) => check.run(),
            Self::Test(test) => test.run(),
            Self::Run(run) => tillhouse_console::command::block_on(run.run()),
            Self::Dev(dev) => dev::run(dev),
            Self::Bench(bench) => tillhouse_console::command::block_on(bench.run()),
            Self::Inspect(inspect) => inspect.run(),
            Self::Serve(serve) => serve.run(),
            Self::Diff(diff) => diff.run(),
        }
    }
}
