//! The simulators as a program, for developing against them manually.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tillhouse_sandbox::card::TEST_CARDS;
use tillhouse_sandbox::{
    AcquirerConfig, AuthenticationConfig, Clock, ReceiverConfig, Sandbox, SandboxConfig, StripeConfig,
};

/// Simulated Stripe, card acquirer and receiver of order events, on loopback.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// Port of the Stripe simulator; 0 chooses a free one.
    #[arg(long, env = "SANDBOX_STRIPE_PORT", default_value_t = 0)]
    stripe_port: u16,
    /// Secret key that the Stripe simulator accepts, as Bearer token or as user name of Basic auth.
    #[arg(long, env = "SANDBOX_STRIPE_KEY", default_value = "sk_test_sandbox")]
    stripe_key: String,
    /// Port of the card acquirer; 0 chooses a free one.
    #[arg(long, env = "SANDBOX_ACQUIRER_PORT", default_value_t = 0)]
    acquirer_port: u16,
    /// API key that the acquirer accepts, as Bearer token.
    #[arg(long, env = "SANDBOX_ACQUIRER_KEY", default_value = "acq_test_sandbox")]
    acquirer_key: String,
    /// Secret that signs the acquirer's webhooks (notices).
    #[arg(long, env = "SANDBOX_NOTICE_SECRET", default_value = "whsec_acquirer_sandbox")]
    notice_secret: String,
    /// Port of the receiver of order events; 0 chooses a free one.
    #[arg(long, env = "SANDBOX_RECEIVER_PORT", default_value_t = 0)]
    receiver_port: u16,
    /// Secret with which order events must be signed.
    #[arg(long, env = "SANDBOX_RECEIVER_SECRET", default_value = "whsec_receiver_sandbox")]
    receiver_secret: String,
    /// Port of the provider of authentications; 0 chooses a free one.
    #[arg(long, env = "SANDBOX_AUTHENTICATION_PORT", default_value_t = 0)]
    authentication_port: u16,
    /// API key that the provider of authentications accepts, as Bearer token.
    #[arg(long, env = "SANDBOX_AUTHENTICATION_KEY", default_value = "auth_test_sandbox")]
    authentication_key: String,
    /// Duration of a charge on the slow card, in milliseconds.
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
            authentication: AuthenticationConfig {
                port: self.authentication_port,
                api_key: self.authentication_key.into(),
            },
            clock: Clock::system(),
        }
    }
}

#[tokio::main]
#[allow(clippy::print_stderr, reason = "output of a program")]
async fn main() -> ExitCode {
    let sandbox = match Sandbox::start(Arguments::parse().into_config()).await {
        Ok(sandbox) => sandbox,
        Err(error) => {
            eprintln!("Cannot start the sandbox: {error}. Choose other ports, or 0 for free ones.");
            return ExitCode::FAILURE;
        }
    };
    announce(&sandbox);
    if let Err(error) = tokio::signal::ctrl_c().await {
        eprintln!("Cannot wait for Ctrl-C: {error}.");
        return ExitCode::FAILURE;
    }
    sandbox.stop().await;
    ExitCode::SUCCESS
}

#[allow(clippy::print_stdout, reason = "output of a program")]
fn announce(sandbox: &Sandbox) {
    println!("Stripe    {}", sandbox.stripe.url());
    println!("Acquirer  {}", sandbox.acquirer.url());
    println!("Receiver  {}", sandbox.receiver.url());
    println!(
        "3-D Secure  POST {}/delegate_authentication",
        sandbox.authentication.url()
    );
    println!("Ledgers   GET /sandbox/ledger on each server");
    println!("Webhooks  POST /sandbox/notices on the acquirer, {{\"reference\": \"…\", \"url\": \"http://…\"}}\n");
    println!("Payment methods:");
    for card in TEST_CARDS {
        println!("  {:<26} {:?}", card.payment_method, card.behaviour);
    }
    println!("\nPress Ctrl-C to stop.");
}
