//! Sells with plugins in JavaScript and Python: `cargo run -p tillhouse-tests --bin languages`.
//!
//! A language whose tool is not installed is skipped; the output says how to install it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line")]

use std::process::ExitCode;

use tillhouse_tests::languages::{Language, Tried};
use tillhouse_tests::process;

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
    let mut code = ExitCode::SUCCESS;
    for language in Language::ALL {
        match runtime.block_on(language.try_plugin()) {
            Tried::Right(size) => println!("{language:10}  its quote is right; the component has {size} bytes"),
            Tried::Skipped => println!("{language:10}  skipped; install its tool with: {}", language.install()),
            Tried::Wrong(what) => {
                println!("{language:10}  {what}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
