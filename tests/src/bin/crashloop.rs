//! Runs the kill loop with any number of kills: `cargo run -p tillhouse-tests --bin crashloop -- --kills 1000 --json`; with
//! `--nodes 3`, over one PostgreSQL.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line")]

use std::process::ExitCode;

use clap::Parser;
use tillhouse_tests::crashloop::{self, Settings};
use tillhouse_tests::{TestClock, postgres_binaries};

/// Kills the host again and again while agents buy, and compares the ledgers.
#[derive(Debug, Parser)]
struct Arguments {
    /// Number of hosts: one on SQLite, several on an installed PostgreSQL.
    #[arg(long, default_value_t = 1)]
    nodes: u32,
    /// Number of kills (SIGKILL).
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Number of pauses: one of several hosts is stopped with SIGSTOP for up to twice its lease.
    #[arg(long, default_value_t = 0, requires = "nodes")]
    pauses: u32,
    /// Number of standstills: one of several hosts is stopped with SIGSTOP for 30 seconds.
    #[arg(long, default_value_t = 0, requires = "nodes")]
    standstills: u32,
    /// Number of database restarts, with several hosts.
    #[arg(long, default_value_t = 0, requires = "nodes")]
    restarts: u32,
    /// Number of purchases to begin; default: 20 per kill.
    #[arg(long)]
    purchases: Option<u64>,
    /// RNG seed of every random choice; default: the current time. It is printed in any case.
    #[arg(long)]
    seed: Option<u64>,
    /// Number of agents that buy concurrently.
    #[arg(long, default_value_t = 12)]
    agents: u32,
    /// Buy only through Adyen, which takes the payments itself; default: through every protocol.
    #[arg(long, value_name = "PROTOCOL", value_parser = ["adyen"])]
    only: Option<String>,
    /// Print the report as one JSON document.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments
        .seed
        .unwrap_or_else(|| TestClock::of_the_machine().millis() / 1000);
    let mut settings = Settings::kills(arguments.kills, seed);
    settings.purchases = arguments.purchases.unwrap_or(settings.purchases);
    settings.agents = arguments.agents.max(1);
    settings.nodes = arguments.nodes.max(1);
    settings.only_adyen = arguments.only.is_some();
    settings.pauses = arguments.pauses;
    settings.standstills = arguments.standstills;
    settings.restarts = arguments.restarts;
    if settings.restarts > 0 && settings.nodes == 1 {
        eprintln!("--restarts needs several hosts on PostgreSQL: set --nodes to 2 or more");
        return ExitCode::from(2);
    }
    if settings.nodes > 1 && postgres_binaries().is_none() {
        eprintln!("several hosts need PostgreSQL: initdb and postgres not found");
        return ExitCode::from(2);
    }
    eprintln!("seed {seed}");
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let report = runtime.block_on(crashloop::run(settings));
    if arguments.json {
        println!("{:#}", report.to_json());
    } else {
        println!("{report}");
    }
    if report.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
