//! The command line, one verb a file.

mod attempts;
mod audit;
mod backup;
#[cfg(feature = "bench")]
mod bench;
mod demo;
mod doctor;
mod local;
mod outbox;
mod output;
mod plugin;
mod reach;
mod reconcile;
mod serve;
mod signals;
mod table;
mod usage;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::runtime::Runtime;

/// Checkout host for agentic commerce.
#[derive(Debug, Parser)]
#[command(name = "tillhouse", version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Look at payment attempts, and settle those that the host cannot.
    #[command(subcommand)]
    Attempts(attempts::Attempts),
    /// Read the audit log, and prove that nobody changed it.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Copy the store into a file, while the host works or while it does not.
    Backup(backup::Backup),
    /// Measure what the sandbox, the disk and HTTP cost on this machine, as ratios of one run.
    #[cfg(feature = "bench")]
    Bench(bench::Bench),
    /// Buy from the reference shop over every protocol, against simulated Stripe and card acquirer, and tell the story.
    Demo(demo::Demo),
    Doctor(doctor::Doctor),
    /// Look at what is owed to others, and have it tried again.
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    /// Compare the processors' lists of charges with our attempts.
    Reconcile(reconcile::Reconcile),
    /// Make a store from a backup. It begins in quarantine: whatever may have been charged since is looked up first.
    Restore(backup::Restore),
    /// Serve the merchants of a configuration file; without one, the reference shop on embedded defaults.
    Serve(serve::Serve),
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

/// Run the command of this process's arguments. Exit codes: 0 done, 1 it fell short or found something, 2 it was not
/// understood, 3 neither a host nor a store could be reached.
#[must_use]
pub fn run() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error, &words),
    };
    match cli.verb {
        Verb::Attempts(attempts) => block_on(attempts.run()),
        Verb::Audit(audit) => block_on(audit.run()),
        Verb::Backup(backup) => block_on(backup.run()),
        #[cfg(feature = "bench")]
        Verb::Bench(bench) => block_on(ended(bench.run())),
        Verb::Demo(demo) => block_on(ended(demo.run())),
        Verb::Doctor(doctor) => block_on(doctor.run()),
        Verb::Outbox(outbox) => block_on(outbox.run()),
        Verb::Reconcile(reconcile) => block_on(reconcile.run()),
        Verb::Restore(restore) => block_on(restore.run()),
        Verb::Serve(serve) => serve::run(serve),
        Verb::Plugin(plugin) => plugin.run(),
    }
}

/// Say it as this verb's one document where a program asked for one, and in clap's own words where nobody did.
fn not_understood(error: &clap::Error, words: &[OsString]) -> ExitCode {
    match usage::document(error, words) {
        Some(document) => output::document(&document),
        // A closed pipe is the reader's wish.
        None => drop(error.print()),
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn exit(done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(problem)) => {
            output::complain(&problem);
            ExitCode::FAILURE
        }
    }
}

async fn ended(work: impl Future<Output = Result<(), Failure>>) -> ExitCode {
    exit(work.await)
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

fn block_on(work: impl Future<Output = ExitCode>) -> ExitCode {
    match runtime() {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => exit(Err(error.into())),
    }
}
