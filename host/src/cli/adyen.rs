//! `tillhouse adyen`: what an operator sets up with Adyen.

mod register;

use std::process::ExitCode;

use clap::Subcommand;

/// Set up what Adyen has to know of a merchant.
#[derive(Debug, Subcommand)]
pub(super) enum Adyen {
    /// Tell Adyen which endpoints a merchant has. Without --yes it prints what would be sent, and sends nothing.
    Register(register::Register),
}

impl Adyen {
    pub(super) async fn run(self) -> ExitCode {
        match self {
            Self::Register(register) => register.run().await,
        }
    }
}
