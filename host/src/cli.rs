//! The command line, one verb per file.

mod adyen;
mod attempts;
mod audit;
mod backup;
mod bench;
mod buyer;
mod catalog;
mod demo;
mod doctor;
mod feed;
mod order;
mod outbox;
mod plugin;
mod reconcile;
mod serve;
mod store_access;
mod usage;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tillhouse_console::command::{block_on, exit_code, exit_code_of};
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
    #[command(subcommand)]
    Adyen(adyen::Adyen),
    /// List and show payment attempts; settle manually those that the host cannot resolve.
    #[command(subcommand)]
    Attempts(attempts::Attempts),
    /// Read the audit log, and verify that it was not changed.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Back up the store into a file, whether or not the host is running.
    Backup(backup::Backup),
    /// Measure the cost of the sandbox, the disk and HTTP on this machine, as ratios within one run.
    Bench(bench::Bench),
    /// Erase what identifies a buyer.
    #[command(subcommand)]
    Buyer(buyer::Buyer),
    #[command(subcommand)]
    Catalog(catalog::Catalog),
    /// Buy from the reference shop over every protocol, against a simulated Stripe and card acquirer, and print every step.
    Demo(demo::Demo),
    Doctor(doctor::Doctor),
    #[command(subcommand)]
    Feed(feed::Feed),
    /// List and show orders, and say what became of them: shipped, delivered, canceled, refunded.
    #[command(subcommand)]
    Order(order::Order),
    /// List outbox messages (reports to Stripe, webhook events …), and replay dead ones.
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    /// Compare the charges that the processors list with the payment attempts in the store.
    Reconcile(reconcile::Reconcile),
    /// Restore a store from a backup. It starts in quarantine: charges that may have been made since are looked up first.
    Restore(backup::Restore),
    /// Serve the merchants of a configuration file; without a file, the reference shop on embedded defaults.
    Serve(serve::Serve),
    #[command(subcommand)]
    Plugin(plugin::Plugin),
}

/// Run the command that this process's arguments name.
///
/// Exit codes: 0 done, 1 refused, failed or something was found, 2 usage error, 3 neither a host nor a store could be reached.
#[must_use]
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return report_usage_error(&error, &arguments),
    };
    match cli.verb {
        Verb::Adyen(adyen) => block_on(adyen.run()),
        Verb::Attempts(attempts) => block_on(attempts.run()),
        Verb::Audit(audit) => block_on(audit.run()),
        Verb::Backup(backup) => block_on(backup.run()),
        Verb::Bench(bench) => exit_code(bench.run()),
        Verb::Buyer(buyer) => block_on(buyer.run()),
        Verb::Catalog(catalog) => block_on(catalog.run()),
        Verb::Demo(demo) => block_on(exit_code_of(demo.run())),
        Verb::Doctor(doctor) => block_on(doctor.run()),
        Verb::Feed(feed) => block_on(feed.run()),
        Verb::Order(order) => block_on(order.run()),
        Verb::Outbox(outbox) => block_on(outbox.run()),
        Verb::Reconcile(reconcile) => block_on(reconcile.run()),
        Verb::Restore(restore) => block_on(restore.run()),
        Verb::Serve(serve) => serve::run(serve),
        Verb::Plugin(plugin) => plugin.run(),
    }
}

/// Report a usage error: as one JSON document with `--json`, otherwise as clap prints it.
fn report_usage_error(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    match usage::document(error, arguments) {
        Some(document) => output::print_json(&document),
        // Ignore broken pipes: the reader chose to stop.
        None => drop(error.print()),
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
