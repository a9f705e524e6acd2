//! Conversion from the guest's types to the domain. Unlike a plugin's answers, these are not checked for size: they never were in
//! guest memory.

use tillhouse_plugin::pricing::{Target, Terms};
use tillhouse_plugin::types::{self, Severity as GuestSeverity};
use tillhouse_plugin::{fulfillment, inventory, presentation, pricing, tax};

use tillhouse_checkout::decision::{
    AssessedTax, ConsentOption, DiscountTarget, DiscountTerms, FulfillmentOffer, Link, OfferedDiscount, OfferedFee,
    OfferedOption, Page, PricedCart, PricedLine, RejectedCode, Stock, TaxAssessment, TaxPart,
};
use tillhouse_checkout::ids::{LineId, OptionId};
use tillhouse_checkout::message::{Message, MessageSeverity, Subject};
use tillhouse_checkout::time::Timestamp;

pub(super) fn stocks(stocks: Vec<inventory::Stock>) -> Vec<Stock> {
    let stock = |stock: inventory::Stock| Stock {
        line: LineId::new(stock.line),
        availability: stock.availability,
        available: stock.available,
    };
    stocks.into_iter().map(stock).collect()
}

pub(super) fn priced_cart(cart: pricing::PricedCart) -> PricedCart {
    let line = |line: pricing::PricedLine| PricedLine {
        line: LineId::new(line.line),
        unit_price: line.unit_price,
        max_quantity: line.max_quantity,
    };
    let rejected = |rejected: pricing::RejectedCode| RejectedCode {
        code: rejected.code,
        reason: rejected.reason,
        message: rejected.message,
    };
    let fee = |fee: pricing::Fee| OfferedFee {
        id: fee.id,
        kind: fee.kind,
        title: fee.title,
        amount: fee.amount,
    };
    PricedCart {
        lines: cart.lines.into_iter().map(line).collect(),
        unknown: cart.unknown.into_iter().map(LineId::new).collect(),
        discounts: cart.discounts.into_iter().map(discount).collect(),
        rejected: cart.rejected.into_iter().map(rejected).collect(),
        fees: cart.fees.into_iter().map(fee).collect(),
        messages: messages(cart.messages),
    }
}

fn discount(discount: pricing::Discount) -> OfferedDiscount {
    let allocation = |part: pricing::Allocation| {
        let target = match part.target {
            Target::Line(line) => DiscountTarget::Line(LineId::new(line)),
            Target::Order => DiscountTarget::Order,
        };
        (target, part.amount)
    };
    OfferedDiscount {
        id: discount.id,
        code: discount.code,
        title: discount.title,
        terms: match discount.terms {
            Terms::Rate(rate) => DiscountTerms::Rate(rate),
            Terms::Amount(amount) => DiscountTerms::Amount(amount),
        },
        method: discount.method,
        priority: discount.priority,
        allocations: discount.allocations.into_iter().map(allocation).collect(),
    }
}

pub(super) fn offer(offer: fulfillment::Offer) -> FulfillmentOffer {
    let option = |option: fulfillment::FulfillmentOption| OfferedOption {
        id: OptionId::new(option.id),
        kind: option.kind,
        title: option.title,
        description: option.description,
        carrier: option.carrier,
        earliest: option.earliest.map(Timestamp),
        latest: option.latest.map(Timestamp),
        price: option.price,
        lines: option.lines.into_iter().map(LineId::new).collect(),
        // The benchmark's shop offers no pickup.
        place: None,
    };
    FulfillmentOffer {
        options: offer.options.into_iter().map(option).collect(),
        preselected: offer.preselected.map(OptionId::new),
        messages: messages(offer.messages),
    }
}

pub(super) fn assessment(assessment: tax::Assessment) -> TaxAssessment {
    let all = |list: Vec<tax::Assessed>| list.into_iter().map(assessed).collect();
    TaxAssessment {
        lines: all(assessment.lines),
        options: all(assessment.options),
        fees: all(assessment.fees),
        messages: messages(assessment.messages),
    }
}

fn assessed(assessed: tax::Assessed) -> AssessedTax {
    let part = |part: tax::Part| TaxPart {
        jurisdiction: part.jurisdiction,
        rate: part.rate,
        amount: part.amount,
    };
    AssessedTax {
        id: assessed.id,
        amount: assessed.amount,
        parts: assessed.parts.into_iter().map(part).collect(),
    }
}

pub(super) fn page(page: presentation::PageContent) -> Page {
    let link = |link: presentation::Link| Link {
        kind: link.kind,
        url: link.url,
    };
    let consent = |consent: presentation::ConsentOption| ConsentOption {
        channel: consent.channel,
        text: consent.text,
        privacy_policy: consent.privacy_policy,
        subscribed: consent.subscribed,
    };
    Page {
        links: page.links.into_iter().map(link).collect(),
        messages: messages(page.messages),
        consents: page.consents.into_iter().map(consent).collect(),
    }
}

fn messages(messages: Vec<types::Message>) -> Vec<Message> {
    let message = |message: types::Message| Message {
        severity: match message.severity {
            GuestSeverity::Info => MessageSeverity::Info,
            GuestSeverity::Warning => MessageSeverity::Warning,
            GuestSeverity::Error => MessageSeverity::Error,
        },
        code: message.code,
        about: subject(message.about),
        text: message.text,
        markdown: message.markdown,
    };
    messages.into_iter().map(message).collect()
}

fn subject(subject: types::Subject) -> Subject {
    match (subject.kind.as_str(), subject.id) {
        ("line", Some(id)) => Subject::Line(LineId::new(id)),
        ("code", Some(code)) => Subject::Code(code),
        ("option", Some(id)) => Subject::Option(OptionId::new(id)),
        ("option", None) => Subject::Choice,
        ("buyer", field) => Subject::Buyer(field),
        ("address", field) => Subject::Address(field),
        ("payment", _) => Subject::Payment,
        _ => Subject::Session,
    }
}
