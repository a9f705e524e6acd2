//! Results of all capabilities except payments.

use super::pickup_location::pickup_location;
use super::{messages, wit};
use crate::api::bindings::exports::tillhouse::merchant::{
    fulfillment, inventory, lifecycle, orders, presentation, pricing, risk, tax,
};
use crate::api::check;
use tillhouse_checkout::decision::{
    AssessedTax, ConsentOption, DiscountTarget, DiscountTerms, FulfillmentOffer, ItemDescription, Link,
    OfferedDiscount, OfferedFee, OfferedOption, OrderIdentity, Page, PricedCart, PricedLine, RejectedCode,
    ReservationResult, RiskDecision, Stock, TaxAssessment, TaxPart,
};
use tillhouse_checkout::ids::{ItemId, LineId, OptionId};
use tillhouse_checkout::time::Timestamp;

fn line_id(id: wit::LineId) -> Result<LineId, String> {
    check::text("line", id, check::ID).map(LineId::new)
}

pub(crate) fn stocks(list: Vec<inventory::Stock>) -> Result<Vec<Stock>, String> {
    check::list("stock", list, check::LINES, |stock| {
        Ok(Stock {
            line: line_id(stock.line)?,
            availability: check::text("stock.availability", stock.availability, check::ID)?,
            available: stock.available,
        })
    })
}

pub(crate) fn reserved(outcome: inventory::ReserveOutcome) -> Result<ReservationResult, String> {
    match outcome {
        inventory::ReserveOutcome::Reserved => Ok(ReservationResult::All),
        inventory::ReserveOutcome::Insufficient(lines) => stocks(lines).map(ReservationResult::Insufficient),
    }
}

pub(crate) fn priced_cart(cart: pricing::PricedCart) -> Result<PricedCart, String> {
    Ok(PricedCart {
        lines: check::list("lines", cart.lines, check::LINES, |line| {
            Ok(PricedLine {
                line: line_id(line.line)?,
                unit_price: line.unit_price,
                max_quantity: line.max_quantity,
            })
        })?,
        unknown: check::list("unknown", cart.unknown, check::LINES, line_id)?,
        discounts: check::list("discounts", cart.discounts, check::DISCOUNTS, discount)?,
        rejected: check::list("rejected", cart.rejected, check::CODES, |rejected| {
            Ok(RejectedCode {
                code: check::text("rejected.code", rejected.code, check::TEXT)?,
                reason: check::text("rejected.reason", rejected.reason, check::ID)?,
                message: check::text("rejected.message", rejected.message, check::TEXT)?,
            })
        })?,
        fees: check::list("fees", cart.fees, check::FEES, |fee| {
            Ok(OfferedFee {
                id: check::text("fee.id", fee.id, check::ID)?,
                kind: check::text("fee.kind", fee.kind, check::ID)?,
                title: check::text("fee.title", fee.title, check::TEXT)?,
                amount: fee.amount,
            })
        })?,
        messages: messages(cart.messages)?,
    })
}

fn discount(discount: pricing::Discount) -> Result<OfferedDiscount, String> {
    Ok(OfferedDiscount {
        id: check::text("discount.id", discount.id, check::ID)?,
        code: check::optional("discount.code", discount.code, check::TEXT)?,
        title: check::text("discount.title", discount.title, check::TEXT)?,
        terms: match discount.terms {
            pricing::Terms::Rate(rate) => DiscountTerms::Rate(rate),
            pricing::Terms::Amount(amount) => DiscountTerms::Amount(amount),
        },
        method: check::text("discount.method", discount.method, check::ID)?,
        priority: discount.priority,
        // One for each line, and one for the order as a whole.
        allocations: check::list("discount.allocations", discount.allocations, check::LINES + 1, |part| {
            let target = match part.target {
                pricing::Target::Line(line) => DiscountTarget::Line(line_id(line)?),
                pricing::Target::Order => DiscountTarget::Order,
            };
            Ok((target, part.amount))
        })?,
    })
}

pub(crate) fn offer(offer: fulfillment::Offer) -> Result<FulfillmentOffer, String> {
    Ok(FulfillmentOffer {
        options: check::list("options", offer.options, check::OPTIONS, |option| {
            Ok(OfferedOption {
                id: OptionId::new(check::text("option.id", option.id, check::ID)?),
                place: pickup_location(&option.kind, &option.extensions)?,
                kind: check::text("option.kind", option.kind, check::ID)?,
                title: check::text("option.title", option.title, check::TEXT)?,
                description: check::optional("option.description", option.description, check::TEXT)?,
                carrier: check::optional("option.carrier", option.carrier, check::ID)?,
                earliest: option.earliest.map(Timestamp),
                latest: option.latest.map(Timestamp),
                price: option.price,
                lines: check::list("option.lines", option.lines, check::LINES, line_id)?,
            })
        })?,
        preselected: check::optional("preselected", offer.preselected, check::ID)?.map(OptionId::new),
        messages: messages(offer.messages)?,
    })
}

pub(crate) fn assessment(assessment: tax::Assessment) -> Result<TaxAssessment, String> {
    Ok(TaxAssessment {
        lines: check::list("lines", assessment.lines, check::LINES, assessed)?,
        options: check::list("options", assessment.options, check::OPTIONS, assessed)?,
        fees: check::list("fees", assessment.fees, check::FEES, assessed)?,
        messages: messages(assessment.messages)?,
    })
}

fn assessed(assessed: tax::Assessed) -> Result<AssessedTax, String> {
    Ok(AssessedTax {
        id: check::text("tax.id", assessed.id, check::ID)?,
        amount: assessed.amount,
        parts: check::list("tax.parts", assessed.parts, check::FEW, |part| {
            Ok(TaxPart {
                jurisdiction: check::text("tax.jurisdiction", part.jurisdiction, check::ID)?,
                rate: part.rate,
                amount: part.amount,
            })
        })?,
    })
}

pub(crate) fn risk_decision(decision: risk::Decision) -> Result<RiskDecision, String> {
    Ok(match decision {
        risk::Decision::Allow => RiskDecision::Allow,
        risk::Decision::Review(reason) => RiskDecision::Review(check::text("review", reason, check::TEXT)?),
        risk::Decision::Block(reason) => RiskDecision::Block(check::text("block", reason, check::TEXT)?),
    })
}

pub(crate) fn order_identity(identity: orders::Identity) -> Result<OrderIdentity, String> {
    let id = check::text("order id", identity.id, check::ID)?;
    if id.is_empty() {
        return Err("the order id is empty".to_owned());
    }
    Ok(OrderIdentity {
        id,
        number: check::optional("order number", identity.number, check::ID)?,
        permalink: web_url("permalink", identity.permalink)?,
    })
}

pub(crate) fn page(page: presentation::PageContent) -> Result<Page, String> {
    Ok(Page {
        links: check::list("links", page.links, check::FEW, |link| {
            Ok(Link {
                kind: check::text("link.kind", link.kind, check::ID)?,
                url: web_url("link.url", link.url)?,
            })
        })?,
        messages: messages(page.messages)?,
        consents: check::list("consents", page.consents, check::FEW, |consent| {
            Ok(ConsentOption {
                channel: check::text("consent.channel", consent.channel, check::ID)?,
                text: check::text("consent.text", consent.text, check::TEXT)?,
                privacy_policy: web_url("consent.privacy-policy", consent.privacy_policy)?,
                subscribed: consent.subscribed,
            })
        })?,
    })
}

pub(crate) fn descriptions(list: Vec<presentation::Description>) -> Result<Vec<(ItemId, ItemDescription)>, String> {
    check::list("descriptions", list, check::LINES, |item| {
        let id = ItemId::new(check::text("item", item.item, check::ID)?);
        let description = ItemDescription {
            title: check::text("title", item.title, check::TEXT)?,
            description: check::optional("description", item.description, check::LONG_TEXT)?,
            images: check::list("images", item.images, check::FEW, |url| web_url("image", url))?,
            url: item.url.map(|url| web_url("url", url)).transpose()?,
        };
        Ok((id, description))
    })
}

pub(crate) fn problems(list: Vec<lifecycle::Problem>) -> Result<Vec<(String, String)>, String> {
    check::list("problems", list, check::MESSAGES, |problem| {
        Ok((
            check::text("problem.key", problem.key, check::ID)?,
            check::text("problem.message", problem.message, check::TEXT)?,
        ))
    })
}

fn web_url(what: &str, url: String) -> Result<String, String> {
    let url = check::text(what, url, check::URL)?;
    if url::Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
        Ok(url)
    } else {
        Err(format!("{what} {url:?} is not an absolute http or https URL"))
    }
}
