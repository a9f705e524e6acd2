//! `tillhouse adyen register`: the merchant's endpoints, to Adyen's `/agentic/configuration`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::store_access::StoreAccessError;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_console::output;
use tillhouse_console::table::print_line;
use tillhouse_egress::Client;
use tillhouse_server::adyen_registration::{AdyenRegistration, AdyenRegistrationError};
use tillhouse_server::config::Config;

/// Adyen does not document the body publicly.
const ASSUMPTION: &str = "Adyen does not publish the body of this request: this one is an assumption. Compare it with what Adyen has \
                          given you before you send it; the endpoints can also be set by Adyen's support.";

#[derive(Debug, Args)]
pub(in crate::cli) struct Register {
    /// Merchant whose endpoints they are; needed only if several have a section adyen.configuration.
    merchant: Option<String>,
    /// Configuration file with the merchant.
    #[arg(long)]
    config: PathBuf,
    /// Send it. The address rules of every outgoing request apply.
    #[arg(long)]
    yes: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Register {
    /// Exit codes: 0 printed or registered, 1 refused by Adyen, 2 usage error or an invalid configuration, 3 Adyen was not reached.
    pub(super) async fn run(self) -> ExitCode {
        match self.registered().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => error.report(self.json),
        }
    }

    async fn registered(&self) -> Result<(), StoreAccessError> {
        let config = Config::load(&self.config).map_err(|errors| StoreAccessError::Usage(errors.to_string()))?;
        let merchant = self.merchant.as_deref().map(MerchantId::new);
        let registration = AdyenRegistration::of(&config, merchant.as_ref())?;
        if !self.json {
            print_request(&registration);
        }
        let status = if self.yes {
            Some(send(&registration).await?)
        } else {
            None
        };
        if self.json {
            output::print_json(&document(&registration, status));
        } else {
            print_line(&status.map_or_else(
                || "nothing was sent; add --yes to send it".to_owned(),
                |status| format!("registered: Adyen answered {status}"),
            ));
        }
        Ok(())
    }
}

async fn send(registration: &AdyenRegistration) -> Result<u16, StoreAccessError> {
    let client = Client::new().map_err(|error| StoreAccessError::Unreachable(error.to_string()))?;
    Ok(registration.send(&client).await?)
}

fn print_request(registration: &AdyenRegistration) {
    print_line(&format!(
        "merchant {}: POST {}",
        registration.merchant,
        registration.url()
    ));
    print_line("X-API-Key: (api_key of the configuration)");
    print_line("Content-Type: application/json");
    print_line("");
    print_line(&registration.body);
    print_line("");
    print_line(ASSUMPTION);
}

fn document(registration: &AdyenRegistration, status: Option<u16>) -> Value {
    json!({
        "ok": true,
        "merchant": registration.merchant.as_str(),
        "url": registration.url().as_str(),
        "body": serde_json::from_str::<Value>(&registration.body).unwrap_or_default(),
        "assumption": ASSUMPTION,
        "sent": status.is_some(),
        "status": status,
    })
}

impl From<AdyenRegistrationError> for StoreAccessError {
    fn from(error: AdyenRegistrationError) -> Self {
        let text = error.to_string();
        match error {
            AdyenRegistrationError::Configuration(_) | AdyenRegistrationError::Upstream(_) => Self::Usage(text),
            AdyenRegistrationError::Refused { .. } => Self::Refused(text, Vec::new()),
            AdyenRegistrationError::Unanswered(_) => Self::Unreachable(text),
        }
    }
}
