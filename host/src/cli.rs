//! The command line, one verb a file.

#[cfg(feature = "bench")]
mod bench;
mod demo;
mod local;
mod output;
mod plugin;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Checkout host for agentic commerce.
#[derive(Debug, Parser)]
#[command(name = "tillhouse", version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Measure what the sandbox, the disk and HTTP cost on this machine, as ratios of one run.
    #[cfg(feature = "bench")]
    Bench(bench::Bench),
    /// Buy from the reference shop over every protocol, against simulated Stripe and card acquirer, and tell the story.
    Demo(demo::Demo),
    /// Serve the merchants of a configuration file; without one, the reference shop on embedded defaults.
    Serve(serve::Serve),
    /// Work on plugins.
    #[command(subcommand)]
    Plugin(plugin::Plugin),
}

/// What went wrong, for a person.
#[derive(Debug)]
struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Run the command of this process's arguments. Exit codes: 0 done, 1 it fell short, 2 it was not understood.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.verb {
        #[cfg(feature = "bench")]
        Verb::Bench(bench) => block_on(bench.run()),
        Verb::Demo(demo) => block_on(demo.run()),
        Verb::Serve(serve) => block_on(serve.run()),
        Verb::Plugin(plugin) => plugin.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(problem)) => {
            output::complain(&problem);
            ExitCode::FAILURE
        }
    }
}

fn block_on(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}
