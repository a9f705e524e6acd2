//! The ledgers of all but the agents: the acquirer's, Stripe's, the webhook receiver's, and what is stored at rest.

use tillhouse_sandbox::card::TEST_CARDS;
use tillhouse_sandbox::stripe::ReportedOutcome;

use crate::history::{Charge, Delivery, Report, SearchedPlace, Secret};
use crate::merchant::Merchant;

use super::shop::{Shop, TENANTS};

pub(super) fn charges(shop: &Shop) -> Vec<Charge> {
    let captures = shop.sandbox.acquirer.ledger().captures();
    let charge = |charge: tillhouse_sandbox::acquirer::Charge| Charge {
        reference: charge.reference,
        amount: charge.amount_captured,
        currency: charge.currency.to_string(),
    };
    captures.into_iter().map(charge).collect()
}

pub(super) fn reports(shop: &Shop) -> Vec<Report> {
    let records = shop.sandbox.stripe.payment_records().into_iter();
    let made = records.filter(|record| record.outcome == ReportedOutcome::Guaranteed);
    made.map(|record| Report {
        reference: record.payment_reference,
        amount: record.amount_guaranteed.value,
        currency: record.amount_guaranteed.currency.to_string(),
    })
    .collect()
}

pub(super) fn secrets(shop: &Shop) -> Vec<Secret> {
    let secret = |name: &str, text: &str| Secret {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let cards = TEST_CARDS.iter().map(|card| secret(card.payment_method, card.number));
    let keys = TENANTS.iter().flat_map(|tenant| {
        [
            secret("an agent's key", &Merchant::acp_key(tenant)),
            secret("a signing secret", &Merchant::signing_secret(tenant)),
            secret("Adyen's key", &Merchant::adyen_hmac_key(tenant)),
        ]
    });
    let stripe = secret("the Stripe key", shop.sandbox.stripe.secret_key().reveal());
    let acquirer = secret("the acquirer's key", shop.sandbox.acquirer.api_key().reveal());
    cards.chain(keys).chain([stripe, acquirer]).collect()
}

/// Every delivery of an order event, repeated deliveries included.
pub(super) fn deliveries(shop: &Shop) -> Vec<Delivery> {
    let events = shop.sandbox.receiver.events().into_iter();
    events
        .flat_map(|event| {
            let order = event.body.pointer("/data/id").and_then(|id| id.as_str());
            let delivery = Delivery {
                order: order.unwrap_or_default().to_owned(),
                event: event.id.clone(),
                accepted: true,
            };
            std::iter::repeat_n(delivery, event.arrivals.len())
        })
        .collect()
}

/// The store with all its files, and the logs of all hosts.
pub(super) async fn places(shop: &Shop) -> Vec<SearchedPlace> {
    let mut places = shop.database.places().await;
    for node in &shop.nodes {
        let log = node.log();
        places.push(SearchedPlace {
            name: log.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            bytes: std::fs::read(log).expect("the log can be read"),
        });
    }
    places
}
