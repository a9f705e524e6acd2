//! Purchases by the sandbox's agent, and the ledger of the acquirer.

use serde::Serialize;
use serde_json::{Value, json};
use tillhouse_plugin_protocol::shop::{self, Ledger, Protocol, PurchaseResult};
use tillhouse_plugin_protocol::{RequestError, RequestErrorKind};
use tillhouse_sandbox::agent::{
    Acp, AcpVersion, Address, Basket, Buyer, Credentials, Purchase, PurchaseError, StripeAcs, Wallet,
};
use tillhouse_sandbox::{Currency, Sandbox, Secret};

use super::configuration::{AGENT_KEY, SIGNING_SECRET};
use crate::cli::plugin::serve::perform::problem;

/// Make a purchase, and return the result as the agent sees it.
pub(super) async fn buy(
    url: &str,
    sandbox: &Sandbox,
    protocol: Protocol,
    wanted: shop::Basket,
) -> Result<PurchaseResult, RequestError> {
    let basket = basket(wanted)?;
    Ok(match Box::pin(purchase(protocol, url, sandbox, &basket)).await {
        Ok(purchase) if purchase.is_completed() => PurchaseResult::Receipt(receipt(&purchase, sandbox)?),
        Ok(purchase) => PurchaseResult::Refusal(json!({
            "error": format!("the checkout is {}", purchase.status),
            "exchanges": purchase.exchanges,
        })),
        Err(interrupted) => PurchaseResult::Refusal(json!({
            "error": interrupted.error.to_string(),
            "status": interrupted.status(),
            "exchanges": interrupted.exchanges,
        })),
    })
}

async fn purchase(
    protocol: Protocol,
    url: &str,
    sandbox: &Sandbox,
    basket: &Basket,
) -> Result<Purchase, PurchaseError> {
    let clock = sandbox.clock();
    let wallet = Wallet::at(&sandbox.stripe, clock)?;
    let release = match protocol {
        Protocol::Acp20250929 => AcpVersion::V2025_09_29,
        Protocol::Acp20251212 => AcpVersion::V2025_12_12,
        Protocol::Acp20260116 => AcpVersion::V2026_01_16,
        Protocol::Acp20260130 => AcpVersion::V2026_01_30,
        Protocol::Acp20260417 => AcpVersion::V2026_04_17,
        Protocol::StripeAcs => {
            let credentials = Credentials::StripeSignature {
                secret: Secret::from(SIGNING_SECRET),
                clock: clock.clone(),
            };
            let agent = StripeAcs::new(url, credentials, wallet, clock.clone())?;
            return agent.purchase(basket).await;
        }
    };
    let agent = Acp::new(url, Secret::from(AGENT_KEY), release, wallet)?;
    agent.purchase(basket).await
}

fn basket(wanted: shop::Basket) -> Result<Basket, RequestError> {
    let mut basket = Basket::of("", 0);
    basket.items = wanted.items;
    basket.discount_codes = wanted.discount_codes;
    basket.option = wanted.option;
    if let Some(code) = wanted.currency {
        let unreadable = || {
            RequestError::new(
                RequestErrorKind::Currency,
                format!("{code} is not a currency: expected three letters (ISO 4217)"),
            )
        };
        basket.currency = Currency::parse(&code).ok_or_else(unreadable)?;
    }
    if let Some(buyer) = wanted.buyer {
        basket.buyer = Buyer {
            first_name: buyer.first_name,
            last_name: buyer.last_name,
            email: buyer.email,
            phone_number: buyer.phone_number,
        };
    }
    if let Some(address) = wanted.address {
        basket.address = Address {
            line_one: address.line_one,
            line_two: address.line_two,
            city: address.city,
            state: address.state,
            country: address.country,
            postal_code: address.postal_code,
        };
    }
    if let Some(payment_method) = wanted.payment_method {
        basket.payment_method = payment_method;
    }
    Ok(basket)
}

fn receipt(purchase: &Purchase, sandbox: &Sandbox) -> Result<Value, RequestError> {
    Ok(json!({
        "protocol": purchase.protocol,
        "status": purchase.status,
        "total": purchase.total,
        "currency": purchase.currency,
        "order_id": purchase.order_id,
        "checkout": purchase.exchanges.last().map(|exchange| &exchange.response),
        "charge": ledger(sandbox)?.charges.last(),
    }))
}

/// Charges and refunds in the acquirer's ledger.
pub(super) fn ledger(sandbox: &Sandbox) -> Result<Ledger, RequestError> {
    let ledger = sandbox.acquirer.ledger();
    Ok(Ledger {
        charges: values(&ledger.charges())?,
        refunds: values(&ledger.refunds())?,
        captured_total: ledger.captured_total(),
        refunded_total: ledger.refunded_total(),
    })
}

fn values<T: Serialize>(entries: &[T]) -> Result<Vec<Value>, RequestError> {
    let value = |entry: &T| serde_json::to_value(entry).map_err(|error| problem(RequestErrorKind::Machine)(&error));
    entries.iter().map(value).collect()
}
