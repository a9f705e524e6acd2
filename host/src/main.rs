//! Entry point of the `tillhouse` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    tillhouse::cli::run()
}
