//! Applies mutants to the host and checks that the tests notice: `cargo run -p tillhouse-tests --bin mutants`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line")]

use std::process::ExitCode;

use clap::Parser;
use tillhouse_tests::mutants::{self, Patch, Report};
use tillhouse_tests::workspace;

/// Applies each patch of `tests/mutants` to the host, and checks that the tests notice.
#[derive(Debug, Parser)]
struct Arguments {
    /// Apply only these patches (file names without `.patch`); default: all.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments.names) {
        Ok(report) if arguments.json => {
            println!("{:#}", report.to_json());
            exit_code(&report)
        }
        Ok(report) => {
            println!("{report}");
            exit_code(&report)
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(names: &[String]) -> Result<Report, String> {
    let workspace = workspace();
    let patches = select(mutants::patches(&workspace)?, names)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(mutants::run(&workspace, patches, |line| eprintln!("{line}")))
}

fn select(patches: Vec<Patch>, names: &[String]) -> Result<Vec<Patch>, String> {
    let known: Vec<&str> = patches.iter().map(|patch| patch.name.as_str()).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(format!(
            "unknown mutant {unknown}; expected one of: {}",
            known.join(", ")
        ));
    }
    let wanted = |patch: &Patch| names.is_empty() || names.contains(&patch.name);
    Ok(patches.into_iter().filter(wanted).collect())
}

fn exit_code(report: &Report) -> ExitCode {
    if report.unnoticed() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
