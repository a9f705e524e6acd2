//! The kill loop, by hand: `cargo run --release -p tillhouse-tests --bin crashloop -- --kills 1000 --json`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line")]

use std::process::ExitCode;

use clap::Parser;
use tillhouse_tests::TestClock;
use tillhouse_tests::crashloop::{self, Settings};

/// Kill the host again and again while agents buy, and compare the books.
#[derive(Debug, Parser)]
struct Arguments {
    /// How often the host is killed.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// How many purchases are begun; 20 for each kill unless given.
    #[arg(long)]
    purchases: Option<u64>,
    /// Where every random choice comes from; the time unless given. It is printed either way.
    #[arg(long)]
    seed: Option<u64>,
    /// How many agents buy at a time.
    #[arg(long, default_value_t = 12)]
    agents: u32,
    /// Print one JSON document.
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
