//! The simulators as a program, for developing against them manually.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tillhouse_sandbox::adyen::{FinalizeBy, Flow, MerchantAuth, MerchantConnection};
use tillhouse_sandbox::card::TEST_CARDS;
use tillhouse_sandbox::stripe::feeds::EventDestination;
use tillhouse_sandbox::{
    AcpFeedConfig, AcquirerConfig, AdyenConfig, AuthenticationConfig, Clock, ReceiverConfig, Sandbox, SandboxConfig,
    StripeConfig,
};

/// Simulated Stripe, Adyen, card acquirer and receiver of order events, on loopback.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// Port of the Stripe simulator; 0 chooses a free one.
    #[arg(long, env = "SANDBOX_STRIPE_PORT", default_value_t = 0)]
    stripe_port: u16,
    /// Secret key that the Stripe simulator accepts, as Bearer token or as user name of Basic auth.
    #[arg(long, env = "SANDBOX_STRIPE_KEY", default_value = "sk_test_sandbox")]
    stripe_key: String,
    /// URL that events of product feeds are sent to, such as `http://localhost:8080/m/demo/webhooks/stripe`.
    #[arg(long, env = "SANDBOX_STRIPE_EVENTS")]
    stripe_events: Option<String>,
    /// Secret that signs these events.
    #[arg(long, env = "SANDBOX_STRIPE_EVENTS_SECRET", default_value = "whsec_stripe_sandbox")]
    stripe_events_secret: String,
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
    /// Port of the agent that hosts product feeds; 0 chooses a free one.
    #[arg(long, env = "SANDBOX_FEED_PORT", default_value_t = 0)]
    feed_port: u16,
    /// API key that the agent accepts for feeds, as Bearer token.
    #[arg(long, env = "SANDBOX_FEED_KEY", default_value = "feed_test_sandbox")]
    feed_key: String,
    /// Port of the Adyen simulator; 0 chooses a free one.
    #[arg(long, env = "SANDBOX_ADYEN_PORT", default_value_t = 0)]
    adyen_port: u16,
    #[command(flatten)]
    merchant: Merchant,
    /// Duration of a charge on the slow card, in milliseconds.
    #[arg(long, default_value_t = 3_000)]
    slow_card_ms: u64,
}

/// The merchant that the Adyen simulator sells for.
#[derive(Debug, clap::Args)]
struct Merchant {
    /// URL of the merchant's server, to sell for it through the Adyen simulator; `/agentic/sessions/…` is below it.
    #[arg(long, env = "SANDBOX_ADYEN_MERCHANT")]
    adyen_merchant: Option<String>,
    /// Adyen's credentials at the merchant: `bearer:KEY`, `basic:USER:PASSWORD` or `hmac:KEY_IN_HEX`.
    #[arg(long, env = "SANDBOX_ADYEN_CREDENTIALS", default_value = "bearer:adyen_merchant_sandbox", value_parser = credentials)]
    adyen_credentials: MerchantAuth,
    /// The merchant charges itself: it gets the payment token (advanced flow).
    #[arg(long)]
    adyen_advanced: bool,
    /// Where Standard webhooks are sent to.
    #[arg(long)]
    adyen_webhooks: Option<String>,
    /// The merchant learns of a payment from the Standard webhook in place of a finalize.
    #[arg(long, requires = "adyen_webhooks")]
    adyen_finalize_by_webhook: bool,
}

impl Merchant {
    fn into_connection(self) -> Option<MerchantConnection> {
        let connection = MerchantConnection::new(self.adyen_merchant?, self.adyen_credentials);
        Some(MerchantConnection {
            flow: if self.adyen_advanced {
                Flow::Advanced
            } else {
                Flow::Standard
            },
            finalize_by: if self.adyen_finalize_by_webhook {
                FinalizeBy::Webhook
            } else {
                FinalizeBy::Call
            },
            webhook_url: self.adyen_webhooks,
            ..connection
        })
    }
}

fn credentials(text: &str) -> Result<MerchantAuth, String> {
    match text.split_once(':') {
        Some(("bearer", key)) => Ok(MerchantAuth::Bearer(key.into())),
        Some(("hmac", key)) => Ok(MerchantAuth::Hmac(key.into())),
        Some(("basic", pair)) if pair.contains(':') => {
            let (user, password) = pair.split_once(':').unwrap_or_default();
            Ok(MerchantAuth::Basic {
                user: user.to_owned(),
                password: password.into(),
            })
        }
        _ => Err("write bearer:KEY, basic:USER:PASSWORD or hmac:KEY_IN_HEX".to_owned()),
    }
}

impl Arguments {
    fn events(&self) -> Option<EventDestination> {
        Some(EventDestination {
            url: self.stripe_events.clone()?,
            secret: self.stripe_events_secret.as_str().into(),
        })
    }

    fn into_config(self) -> (SandboxConfig, Option<MerchantConnection>) {
        let slow_card_delay = Duration::from_millis(self.slow_card_ms);
        let config = SandboxConfig {
            adyen: AdyenConfig {
                port: self.adyen_port,
                slow_card_delay,
                ..AdyenConfig::default()
            },
            stripe: StripeConfig {
                port: self.stripe_port,
                secret_key: self.stripe_key.into(),
            },
            acquirer: AcquirerConfig {
                port: self.acquirer_port,
                api_key: self.acquirer_key.into(),
                notice_secret: self.notice_secret.into(),
                slow_card_delay,
            },
            receiver: ReceiverConfig {
                port: self.receiver_port,
                secret: self.receiver_secret.into(),
            },
            authentication: AuthenticationConfig {
                port: self.authentication_port,
                api_key: self.authentication_key.into(),
            },
            acp_feed: AcpFeedConfig {
                port: self.feed_port,
                api_key: self.feed_key.into(),
            },
            clock: Clock::system(),
        };
        (config, self.merchant.into_connection())
    }
}

#[tokio::main]
#[allow(clippy::print_stderr, reason = "output of a program")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let events = arguments.events();
    let (config, merchant) = arguments.into_config();
    let sandbox = match Sandbox::start(config).await {
        Ok(sandbox) => sandbox,
        Err(error) => {
            eprintln!("Cannot start the sandbox: {error}. Choose other ports, or 0 for free ones.");
            return ExitCode::FAILURE;
        }
    };
    if let Some(merchant) = merchant {
        sandbox.adyen.connect(merchant);
    }
    if let Some(events) = events {
        sandbox.stripe.send_events_to(events);
    }
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
    println!("Adyen     {}", sandbox.adyen.url());
    println!(
        "  agents  {}",
        sandbox.adyen.agent_url(&sandbox.adyen.config().company_account)
    );
    println!("Acquirer  {}", sandbox.acquirer.url());
    println!("Receiver  {}", sandbox.receiver.url());
    println!(
        "3-D Secure  POST {}/delegate_authentication",
        sandbox.authentication.url()
    );
    println!("Feeds     POST {}/feeds", sandbox.acp_feed.url());
    println!("Ledgers   GET /sandbox/ledger on each server");
    println!("Webhooks  POST /sandbox/notices on the acquirer, {{\"reference\": \"…\", \"url\": \"http://…\"}}\n");
    println!("Payment methods:");
    for card in TEST_CARDS {
        println!("  {:<26} {:?}", card.payment_method, card.behaviour);
    }
    println!("\nPress Ctrl-C to stop.");
}
