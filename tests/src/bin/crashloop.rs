//! Runs the kill loop with any number of kills: `cargo run -p tillhouse-tests --bin crashloop -- --kills 1000 --json`; with
//! `--nodes 3`, over one PostgreSQL.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line")]

use std::fmt::Display;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use serde_json::Value;
use tillhouse_tests::crashloop::feeds::{self, FeedSettings};
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
    /// Do only this. Default: buy through every protocol.
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// Print the report as one JSON document.
    #[arg(long)]
    json: bool,
}

/// What a run is limited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Only {
    /// Purchases through Adyen, which takes the payments itself.
    Adyen,
    /// Imports of catalogs and uploads of feeds. Hosts are only killed.
    Feeds,
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
    settings.only_adyen = arguments.only == Some(Only::Adyen);
    settings.pauses = arguments.pauses;
    settings.standstills = arguments.standstills;
    settings.restarts = arguments.restarts;
    if arguments.only == Some(Only::Feeds) && (settings.pauses, settings.standstills, settings.restarts) != (0, 0, 0) {
        eprintln!("--only feeds kills hosts only: leave out --pauses, --standstills and --restarts");
        return ExitCode::from(2);
    }
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
    if arguments.only == Some(Only::Feeds) {
        let settings = FeedSettings {
            nodes: settings.nodes,
            kills: settings.kills,
            seed,
        };
        let report = runtime.block_on(feeds::run(settings));
        return print(arguments.json, &report, &report.to_json(), report.is_clean());
    }
    let report = runtime.block_on(crashloop::run(settings));
    print(arguments.json, &report, &report.to_json(), report.is_clean())
}

fn print(as_json: bool, report: &impl Display, json: &Value, is_clean: bool) -> ExitCode {
    if as_json {
        println!("{json:#}");
    } else {
        println!("{report}");
    }
    if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
