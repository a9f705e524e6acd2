//! Measures health checks and session creation under attack: `cargo run -p tillhouse-tests --bin attacks [-- --json]`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line")]

use std::process::ExitCode;

use clap::Parser;
use tillhouse_tests::{attacks, process};

/// Attacks a host without credentials, and measures how it answers meanwhile.
#[derive(Debug, Parser)]
struct Arguments {
    /// Seconds for which each attack is measured.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Print the report as one JSON document.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    if let Some(code) = process::serve_if_invoked() {
        return code;
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let words: Vec<String> = std::env::args().skip(1).collect();
    if runtime.block_on(attacks::run_if_part(&words)) {
        return ExitCode::SUCCESS;
    }
    let arguments = Arguments::parse();
    let report = runtime.block_on(attacks::run(arguments.seconds));
    if arguments.json {
        println!("{:#}", report.to_json());
    } else {
        print!("{report}");
    }
    if report.holds() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
