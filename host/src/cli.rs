//! The command line, one verb a file.

mod attempts;
mod audit;
mod backup;
mod bench;
mod demo;
mod doctor;
mod outbox;
mod plugin;
mod reach;
mod reconcile;
mod serve;
mod usage;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tillhouse_console::command::{block_on, ended, exit};
use tillhouse_console::output;

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
        Verb::Bench(bench) => exit(bench.run()),
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
