//! Conversion from the guest's types to the domain. Unlike a plugin's answers, these are not checked for size: they never were in
//! guest memory.

use tillhouse_plugin::pricing::{Reduction as GuestReduction, Target, Terms};
use tillhouse_plugin::quoting::Decisions;
use tillhouse_plugin::tax::Taxes;
use tillhouse_plugin::types::{self, Severity as GuestSeverity};
use tillhouse_plugin::{fulfillment, inventory, presentation, pricing, tax};

use tillhouse_checkout::cart::Choice;
use tillhouse_checkout::decision::{
    AnsweredTaxes, AssessedTax, ConsentOption, Coupon, DiscountTarget, DiscountTerms, FulfillmentOffer, Link,
    OfferedDiscount, OfferedFee, OfferedOption, Page, PricedCart, PricedLine, RateOff, RatedTax, Reduction,
    RejectedCode, RoundingRule, Stock, Support, TaxAssessment, TaxPart, TaxRate, WholeQuote,
};
use tillhouse_checkout::ids::{GroupId, LineId, OptionId};
use tillhouse_checkout::message::{Message, MessageSeverity, Resolution, Subject};
use tillhouse_checkout::time::Timestamp;

pub(super) fn whole_quote(decisions: Decisions) -> WholeQuote {
    WholeQuote {
        stock: stocks(decisions.stock),
        prices: priced_cart(decisions.prices),
        offer: offer(decisions.offer),
        taxes: assessment(decisions.taxes),
        page: decisions.page.map(page),
    }
}

pub(super) fn stocks(stocks: Vec<inventory::Stock>) -> Vec<Stock> {
    let stock = |stock: inventory::Stock| Stock {
        line: LineId::new(stock.line),
        availability: stock.availability,
        available: stock.available,
        available_from: stock.available_from.map(Timestamp),
    };
    stocks.into_iter().map(stock).collect()
}

pub(super) fn priced_cart(cart: pricing::PricedCart) -> PricedCart {
    let line = |line: pricing::PricedLine| PricedLine {
        line: LineId::new(line.line),
        unit_price: line.unit_price,
        tax_included: line.tax_included,
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
        tax_included: fee.tax_included,
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
    OfferedDiscount {
        id: discount.id,
        code: discount.code,
        coupon: coupon(discount.coupon),
        method: discount.method,
        priority: discount.priority,
        starts: discount.starts.map(Timestamp),
        ends: discount.ends.map(Timestamp),
        reduction: match discount.reduction {
            GuestReduction::Amounts(parts) => {
                let parts = parts.into_iter().map(|part| (target(part.target), part.amount));
                Reduction::Amounts(parts.collect())
            }
            GuestReduction::Rate(off) => Reduction::Rate(RateOff {
                rate: off.rate,
                targets: off.targets.into_iter().map(target).collect(),
                rounding: rounding(off.rounding),
            }),
        },
    }
}

fn coupon(coupon: pricing::Coupon) -> Coupon {
    Coupon {
        id: coupon.id,
        name: coupon.name,
        terms: match coupon.terms {
            Terms::Rate(rate) => DiscountTerms::Rate(rate),
            Terms::Amount(amount) => DiscountTerms::Amount(amount),
        },
        duration: coupon.duration,
        duration_in_months: coupon.duration_in_months,
        max_redemptions: coupon.max_redemptions,
        times_redeemed: coupon.times_redeemed,
        metadata: coupon.extensions,
    }
}

fn target(target: Target) -> DiscountTarget {
    match target {
        Target::Line(line) => DiscountTarget::Line(LineId::new(line)),
        Target::Order => DiscountTarget::Order,
        Target::Option(option) => DiscountTarget::Option(OptionId::new(option)),
        Target::Fulfillment => DiscountTarget::Fulfillment,
    }
}

fn rounding(rule: types::RoundingRule) -> RoundingRule {
    RoundingRule {
        mode: rule.mode,
        scope: rule.scope,
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
        tax_included: option.tax_included,
        lines: line_ids(option.lines),
        group: option.group.map(GroupId::new),
        // The benchmark's shop offers no pickup.
        place: None,
        pickup_type: option.pickup_type,
        ready_by: option.ready_by.map(Timestamp),
        pickup_by: option.pickup_by.map(Timestamp),
    };
    let choice = |choice: types::Choice| Choice {
        option: OptionId::new(choice.option),
        lines: line_ids(choice.lines),
    };
    FulfillmentOffer {
        options: offer.options.into_iter().map(option).collect(),
        preselected: offer.preselected.into_iter().map(choice).collect(),
        messages: messages(offer.messages),
    }
}

fn line_ids(lines: Vec<String>) -> Vec<LineId> {
    lines.into_iter().map(LineId::new).collect()
}

pub(super) fn assessment(assessment: tax::Assessment) -> TaxAssessment {
    let all = |list: Vec<tax::Assessed>| list.into_iter().map(assessed).collect();
    let all_rated = |list: Vec<tax::Rated>| list.into_iter().map(rated).collect();
    TaxAssessment {
        taxes: match assessment.taxes {
            Taxes::Amounts(taxes) => AnsweredTaxes::Amounts {
                lines: all(taxes.lines),
                options: all(taxes.options),
                fees: all(taxes.fees),
            },
            Taxes::Rates(taxes) => AnsweredTaxes::Rates {
                lines: all_rated(taxes.lines),
                options: all_rated(taxes.options),
                fees: all_rated(taxes.fees),
                rounding: rounding(taxes.rounding),
            },
        },
        messages: messages(assessment.messages),
    }
}

fn rated(rated: tax::Rated) -> RatedTax {
    let rate = |rate: tax::TaxRate| TaxRate {
        jurisdiction: rate.jurisdiction,
        rate: rate.rate,
    };
    RatedTax {
        id: rated.id,
        rates: rated.rates.into_iter().map(rate).collect(),
        exempt: rated.exempt,
    }
}

fn assessed(assessed: tax::Assessed) -> AssessedTax {
    let part = |part: tax::TaxPart| TaxPart {
        jurisdiction: part.jurisdiction,
        rate: part.rate,
        amount: part.amount,
    };
    AssessedTax {
        id: assessed.id,
        amount: assessed.amount,
        parts: assessed.parts.into_iter().map(part).collect(),
        exempt: assessed.exempt,
    }
}

pub(super) fn page(page: presentation::PageContent) -> Page {
    let link = |link: presentation::Link| Link {
        kind: link.kind,
        url: link.url,
        title: link.title,
    };
    let consent = |consent: presentation::ConsentOption| ConsentOption {
        channel: consent.channel,
        text: consent.text,
        privacy_policy: consent.privacy_policy,
        subscribed: consent.subscribed,
    };
    let support = |support: presentation::Support| Support {
        email: support.email,
        phone: support.phone,
        hours: support.hours,
        help_center: support.help_center,
    };
    Page {
        quote_expires: None,
        links: page.links.into_iter().map(link).collect(),
        messages: messages(page.messages),
        consents: page.consents.into_iter().map(consent).collect(),
        continue_url: page.continue_url,
        metadata: page.extensions,
        support: page.support.map(support),
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
        resolution: message.resolution.as_deref().and_then(resolution),
    };
    messages.into_iter().map(message).collect()
}

fn resolution(name: &str) -> Option<Resolution> {
    match name {
        "recoverable" => Some(Resolution::Recoverable),
        "requires_buyer_input" => Some(Resolution::RequiresBuyerInput),
        "requires_buyer_review" => Some(Resolution::RequiresBuyerReview),
        _ => None,
    }
}

fn subject(subject: types::Subject) -> Subject {
    match (subject.kind.as_str(), subject.id) {
        ("currency", _) => Subject::Currency,
        ("line", Some(id)) => Subject::Line(LineId::new(id)),
        ("quantity", Some(id)) => Subject::Quantity(LineId::new(id)),
        ("lines" | "line" | "quantity", _) => Subject::Lines,
        ("code", Some(code)) => Subject::Code(code),
        ("discount", Some(id)) => Subject::Discount(id),
        ("option", Some(id)) => Subject::Option(OptionId::new(id)),
        ("option", None) => Subject::Choice,
        ("buyer", field) => Subject::Buyer(field),
        ("address", field) => Subject::Address(field),
        ("consent", channel) => Subject::Consent(channel),
        ("payment", _) => Subject::Payment,
        _ => Subject::Session,
    }
}
