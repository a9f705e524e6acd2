//! Discounts (schema `DiscountsResponse`, ACP RFC discount).

use super::wire;
use crate::acp::rendering::{line_path, option_path};
use crate::rendering::{percent, rfc3339};
use tillhouse_checkout::decision::{Coupon, DiscountTarget, DiscountTerms};
use tillhouse_checkout::ids::LineId;
use tillhouse_checkout::quote::Discount;
use tillhouse_checkout::session::Session;

/// Values of the schema `DiscountErrorCode`.
const REASONS: &[&str] = &[
    "discount_code_expired",
    "discount_code_invalid",
    "discount_code_already_applied",
    "discount_code_combination_disallowed",
    "discount_code_minimum_not_met",
    "discount_code_user_not_logged_in",
    "discount_code_user_ineligible",
    "discount_code_usage_limit_reached",
];

/// The rejection reason; `discount_code_invalid` if the schema does not define it.
pub(crate) fn reason(reason: &str) -> &str {
    if REASONS.contains(&reason) {
        reason
    } else {
        "discount_code_invalid"
    }
}

/// Whether the schema defines this rejection reason.
pub(crate) fn is_reason(code: &str) -> bool {
    REASONS.contains(&code)
}

/// Name of the discount extension, which is part of the release (ACP RFC discount extension).
const EXTENSION: &str = "discount";

/// Whether the discount extension is active in a session: the agent understands it, or there is something to say about discounts.
fn is_active(session: &Session) -> bool {
    let quote = &session.quote;
    let understood = |name: &String| name.split('@').next() == Some(EXTENSION);
    session.agent.extensions.iter().any(understood)
        || !session.cart.codes.is_empty()
        || !quote.discounts.is_empty()
        || !quote.rejected_codes.is_empty()
}

/// The declaration of the extension in `capabilities.extensions`; `None` if it is not active.
pub(crate) fn declaration(session: &Session) -> Option<wire::ExtensionDeclaration> {
    is_active(session).then_some(wire::ExtensionDeclaration {
        name: EXTENSION,
        extends: &[
            "$.CheckoutSessionCreateRequest.discounts",
            "$.CheckoutSessionUpdateRequest.discounts",
            "$.CheckoutSession.discounts",
        ],
    })
}

/// The `discounts` of a session; `None` if the extension is not active.
pub(crate) fn all(session: &Session) -> Option<wire::Discounts<'_>> {
    let quote = &session.quote;
    if !is_active(session) {
        return None;
    }
    let rejected = quote.rejected_codes.iter().map(|rejected| wire::RejectedDiscount {
        code: &rejected.code,
        reason: reason(&rejected.reason),
        message: &rejected.message,
    });
    Some(wire::Discounts {
        codes: &session.cart.codes,
        applied: quote
            .discounts
            .iter()
            .map(|discount| applied(session, discount))
            .collect(),
        rejected: rejected.collect(),
    })
}

fn applied<'a>(session: &'a Session, discount: &'a Discount) -> wire::AppliedDiscount<'a> {
    let allocations = discount.allocations.iter().map(|(target, amount)| wire::Allocation {
        path: match target {
            DiscountTarget::Line(line) => line_path(session, line.as_str()),
            DiscountTarget::Order => "$.totals.discount".to_owned(),
            DiscountTarget::Option(option) => option_path(&session.quote, option),
            DiscountTarget::Fulfillment => "$.totals.fulfillment".to_owned(),
        },
        amount: amount.minor(),
    });
    wire::AppliedDiscount {
        id: &discount.id,
        code: discount.code.as_deref(),
        coupon: coupon(session, &discount.coupon),
        amount: discount.amount.minor(),
        automatic: discount.code.is_none(),
        start: discount.starts.map(rfc3339),
        end: discount.ends.map(rfc3339),
        method: Some(discount.method.as_str()).filter(|method| matches!(*method, "each" | "across")),
        priority: discount.priority.max(1),
        allocations: allocations.collect(),
    }
}

fn coupon<'a>(session: &Session, coupon: &'a Coupon) -> wire::Coupon<'a> {
    let (percent_off, amount_off) = match coupon.terms {
        DiscountTerms::Rate(ppm) => (Some(percent(ppm)), None),
        DiscountTerms::Amount(minor) => (None, Some(minor)),
    };
    wire::Coupon {
        id: &coupon.id,
        name: &coupon.name,
        percent_off,
        amount_off,
        currency: amount_off.map(|_| session.currency.lower()),
        duration: coupon.duration.as_deref(),
        duration_in_months: coupon.duration_in_months,
        max_redemptions: coupon.max_redemptions,
        times_redeemed: coupon.times_redeemed,
    }
}

/// The `discount_details` of a line: the discounts that have an allocation to it.
pub(crate) fn of_line<'a>(session: &'a Session, line: &LineId) -> Vec<wire::DiscountDetail<'a>> {
    let discounts = session.quote.discounts.iter();
    let parts = discounts.flat_map(|discount| {
        let its = discount.allocations.iter();
        its.map(move |(target, amount)| (discount, target, amount))
    });
    parts
        .filter(|(_, target, _)| matches!(target, DiscountTarget::Line(id) if id == line))
        .map(|(discount, _, amount)| wire::DiscountDetail {
            code: discount.code.as_deref(),
            r#type: match discount.coupon.terms {
                DiscountTerms::Rate(_) => "percentage",
                DiscountTerms::Amount(_) => "fixed",
            },
            amount: amount.minor(),
            description: &discount.coupon.name,
            source: if discount.code.is_some() { "coupon" } else { "automatic" },
        })
        .collect()
}
