//! The simulators as a program, for a merchant who develops against them by hand.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tillhouse_sandbox::card::TEST_CARDS;
use tillhouse_sandbox::{AcquirerConfig, Clock, ReceiverConfig, Sandbox, SandboxConfig, StripeConfig};

/// Simulated Stripe, card acquirer and receiver of order events, on loopback.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// Port of the Stripe simulator; 0 takes a free one.
    #[arg(long, env = "SANDBOX_STRIPE_PORT", default_value_t = 0)]
    stripe_port: u16,
    /// The secret key it takes, as Bearer token or user name of Basic auth.
    #[arg(long, env = "SANDBOX_STRIPE_KEY", default_value = "sk_test_sandbox")]
    stripe_key: String,
    /// Port of the card acquirer; 0 takes a free one.
    #[arg(long, env = "SANDBOX_ACQUIRER_PORT", default_value_t = 0)]
    acquirer_port: u16,
    /// The API key it takes, as Bearer token.
    #[arg(long, env = "SANDBOX_ACQUIRER_KEY", default_value = "acq_test_sandbox")]
    acquirer_key: String,
    /// The secret that its notices are signed with.
    #[arg(long, env = "SANDBOX_NOTICE_SECRET", default_value = "whsec_acquirer_sandbox")]
    notice_secret: String,
    /// Port of the receiver of order events; 0 takes a free one.
    #[arg(long, env = "SANDBOX_RECEIVER_PORT", default_value_t = 0)]
    receiver_port: u16,
    /// The secret that order events must be signed with.
    #[arg(long, env = "SANDBOX_RECEIVER_SECRET", default_value = "whsec_receiver_sandbox")]
    receiver_secret: String,
    /// Milliseconds that a charge on the slow card takes.
    #[arg(long, default_value_t = 3_000)]
    slow_card_ms: u64,
}

impl Arguments {
    fn into_config(self) -> SandboxConfig {
        SandboxConfig {
            stripe: StripeConfig {
                port: self.stripe_port,
                secret_key: self.stripe_key.into(),
            },
            acquirer: AcquirerConfig {
                port: self.acquirer_port,
                api_key: self.acquirer_key.into(),
                notice_secret: self.notice_secret.into(),
                slow_card_delay: Duration::from_millis(self.slow_card_ms),
            },
            receiver: ReceiverConfig {
                port: self.receiver_port,
                secret: self.receiver_secret.into(),
            },
            clock: Clock::system(),
        }
    }
}

#[tokio::main]
#[allow(clippy::print_stderr, reason = "a program's own words")]
async fn main() -> ExitCode {
    let sandbox = match Sandbox::start(Arguments::parse().into_config()).await {
        Ok(sandbox) => sandbox,
        Err(error) => {
            eprintln!("The sandbox cannot listen: {error}. Choose other ports, or 0 for free ones.");
            return ExitCode::FAILURE;
        }
    };
    announce(&sandbox);
    if let Err(error) = tokio::signal::ctrl_c().await {
        eprintln!("Cannot wait for an interrupt: {error}.");
        return ExitCode::FAILURE;
    }
    sandbox.stop().await;
    ExitCode::SUCCESS
}

#[allow(clippy::print_stdout, reason = "a program's own words")]
fn announce(sandbox: &Sandbox) {
    println!("Stripe    {}", sandbox.stripe.url());
    println!("Acquirer  {}", sandbox.acquirer.url());
    println!("Receiver  {}", sandbox.receiver.url());
    println!("Ledgers   GET /sandbox/ledger on each");
    println!("Notices   POST /sandbox/notices on the acquirer, {{\"reference\": \"…\", \"url\": \"http://…\"}}\n");
    println!("Payment methods:");
    for card in TEST_CARDS {
        println!("  {:<26} {:?}", card.payment_method, card.behaviour);
    }
    println!("\nInterrupt to stop.");
}
