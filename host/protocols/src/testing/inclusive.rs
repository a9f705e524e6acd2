//! A session whose prices include tax, with amounts that the domain computed.

use tillhouse_checkout::cart::{Cart, CartLine, Choice};
use tillhouse_checkout::decision::{
    AnsweredTaxes, FulfillmentOffer, ItemDescription, OfferedOption, Page, PricedCart, PricedLine, RatedTax,
    RoundingRule, TaxAssessment, TaxRate,
};
use tillhouse_checkout::ids::{ItemId, LineId, OptionId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::quote::assemble::QuoteParts;
use tillhouse_checkout::quote::{Quote, amounts, assemble, options};
use tillhouse_checkout::session::{Session, SessionState};

use super::scripted::NOW;
use super::sessions;

/// Three prints for 9.99 each, 19 % tax included, shipped for nothing.
pub(crate) fn three_prints(state: SessionState) -> Session {
    let cart = Cart {
        lines: vec![CartLine {
            id: LineId::new("print"),
            item: ItemId::new("print"),
            quantity: 3,
        }],
        codes: Vec::new(),
        ..sessions::full().cart
    };
    Session {
        currency: Currency::new("EUR").unwrap(),
        quote: quote(&cart),
        cart,
        ..sessions::in_state(state)
    }
}

fn quote(cart: &Cart) -> Quote {
    let answer = PricedCart {
        lines: vec![PricedLine {
            line: LineId::new("print"),
            unit_price: 999,
            tax_included: true,
            max_quantity: None,
        }],
        ..PricedCart::default()
    };
    let priced = amounts::price(cart, answer, NOW).unwrap();
    let offer = FulfillmentOffer {
        options: vec![free_shipping()],
        preselected: vec![Choice::of(OptionId::new("std"))],
        messages: Vec::new(),
    };
    let parts = QuoteParts {
        stock: Vec::new(),
        options: options::options(cart, &priced, &offer).unwrap(),
        priced,
        preselected: offer.preselected,
        offer_messages: Vec::new(),
        taxes: TaxAssessment {
            taxes: german_tax(),
            messages: Vec::new(),
        },
        shown: vec![ItemDescription {
            title: "Print".into(),
            ..ItemDescription::default()
        }],
        page: Page::default(),
    };
    assemble::quote(cart, parts).unwrap()
}

fn free_shipping() -> OfferedOption {
    OfferedOption {
        id: OptionId::new("std"),
        kind: "shipping".into(),
        title: "Standard".into(),
        description: None,
        carrier: None,
        earliest: None,
        latest: None,
        price: 0,
        tax_included: true,
        lines: Vec::new(),
        group: None,
        place: None,
        pickup_type: None,
        ready_by: None,
        pickup_by: None,
    }
}

fn german_tax() -> AnsweredTaxes {
    AnsweredTaxes::Rates {
        lines: vec![RatedTax {
            id: "print".into(),
            rates: vec![TaxRate {
                jurisdiction: "DE".into(),
                rate: 190_000,
            }],
            exempt: None,
        }],
        options: Vec::new(),
        fees: Vec::new(),
        rounding: RoundingRule {
            mode: "half-up".into(),
            scope: "line".into(),
        },
    }
}
