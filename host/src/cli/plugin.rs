//! `tillhouse plugin`: one verb per file.

mod back;
mod bench;
mod build;
mod check;
mod dev;
mod diagnostics;
mod diff;
mod error;
mod faults;
mod inspect;
mod list;
mod load;
mod new;
mod options;
mod run;
mod sample_carts;
mod serve;
mod target_plugin;
mod test;
mod trial_setup;

use std::process::ExitCode;

use clap::Subcommand;

/// Write, build, check, test and try plugins; load them into a running host.
///
/// A plugin is a WebAssembly component that makes a merchant's decisions: prices, shipping, taxes, the charge. `new` creates one
/// that works; `load`, `list` and `back` are for operators of a host; every other verb takes the folder of a plugin, by default the
/// current one.
///
/// Exit codes: 0 done, 1 an error in the plugin, 2 usage error, 3 a tool or resource is missing on this machine.
#[derive(Debug, Subcommand)]
pub(super) enum Plugin {
    New(new::New),
    Build(build::Build),
    Check(check::Check),
    Test(test::Test),
    /// Call one function of a plugin, and show its answer, its cost, and what it logged and sent.
    Run(run::Run),
    /// Serve a plugin on this machine: rebuild it on every change, swap it in without dropping a request, show every call.
    Dev(dev::Dev),
    /// Measure the cost of each decision of a plugin, and of a whole quote, by cart size, and the size at which it reaches a limit.
    Bench(bench::Bench),
    Inspect(inspect::Inspect),
    Serve(serve::Serve),
    Diff(diff::Diff),
    Load(load::Load),
    List(list::List),
    Back(back::Back),
}

impl Plugin {
    pub(super) fn run(self) -> ExitCode {
        match self {
            Self::New(new) => new.run(),
            Self::Build(build) => build.run(),
            Self::Check(check) => tillhouse_console::command::block_on(check.run()),
            Self::Test(test) => test.run(),
            Self::Run(run) => tillhouse_console::command::block_on(run.run()),
            Self::Dev(dev) => dev::run(dev),
            Self::Bench(bench) => tillhouse_console::command::block_on(bench.run()),
            Self::Inspect(inspect) => inspect.run(),
            Self::Serve(serve) => serve.run(),
            Self::Diff(diff) => diff.run(),
            Self::Load(load) => tillhouse_console::command::block_on(load.run()),
            Self::List(list) => tillhouse_console::command::block_on(list.run()),
            Self::Back(back) => tillhouse_console::command::block_on(back.run()),
        }
    }
}
