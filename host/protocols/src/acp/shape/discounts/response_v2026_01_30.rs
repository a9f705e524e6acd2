//! Discounts (schemas `DiscountsResponse` and `DiscountDetail`, ACP RFC discount), and the declaration of their extension.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::acp::rendering::{DISCOUNT_EXTENSION, line_path, option_path};
use crate::acp::shape::capabilities::response_v2026_01_30::ExtensionDeclaration;
use crate::rendering::{percent, rfc3339, text_pairs};
use tillhouse_checkout::decision::{self, DiscountTarget, DiscountTerms};
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

#[derive(Debug, Serialize)]
pub(crate) struct Discounts<'a> {
    codes: &'a [String],
    applied: Vec<AppliedDiscount<'a>>,
    rejected: Vec<RejectedDiscount<'a>>,
}

#[derive(Debug, Serialize)]
struct AppliedDiscount<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    coupon: Coupon<'a>,
    amount: i64,
    automatic: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    priority: u32,
    allocations: Vec<DiscountAllocation>,
}

/// A coupon has either `percent_off`, or `amount_off` with `currency`.
#[derive(Debug, Serialize)]
struct Coupon<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent_off: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_off: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_in_months: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_redemptions: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times_redeemed: Option<u64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<&'a str, &'a str>,
}

#[derive(Debug, Serialize)]
struct DiscountAllocation {
    path: String,
    amount: i64,
}

#[derive(Debug, Serialize)]
struct RejectedDiscount<'a> {
    code: &'a str,
    reason: &'a str,
    message: &'a str,
}

/// Schema `DiscountDetail`: what a discount takes off a line.
#[derive(Debug, Serialize)]
pub(crate) struct DiscountDetail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    r#type: &'static str,
    amount: i64,
    description: &'a str,
    source: &'static str,
}

/// The rejection reason; `discount_code_invalid` if the schema does not define it.
pub(crate) fn reason(reason: &str) -> &str {
    if is_reason(reason) {
        reason
    } else {
        "discount_code_invalid"
    }
}

/// Whether the schema defines this rejection reason.
pub(crate) fn is_reason(code: &str) -> bool {
    REASONS.contains(&code)
}

/// Whether the discount extension is active in a session: the agent understands it, or there is something to say about discounts.
fn is_active(session: &Session) -> bool {
    let quote = &session.quote;
    let understood = |name: &String| name.split('@').next() == Some(DISCOUNT_EXTENSION);
    session.agent.extensions.iter().any(understood)
        || !session.cart.codes.is_empty()
        || !quote.discounts.is_empty()
        || !quote.rejected_codes.is_empty()
}

/// The declaration of the extension in `capabilities.extensions`; `None` if it is not active.
pub(crate) fn declaration(session: &Session) -> Option<ExtensionDeclaration> {
    is_active(session).then_some(ExtensionDeclaration {
        name: DISCOUNT_EXTENSION,
        extends: &[
            "$.CheckoutSessionCreateRequest.discounts",
            "$.CheckoutSessionUpdateRequest.discounts",
            "$.CheckoutSession.discounts",
        ],
        // The `$id` of the official schema.
        schema: "https://agentic-commerce-protocol.com/schemas/discount.json",
        spec: "https://github.com/agentic-commerce-protocol/agentic-commerce-protocol/blob/main/rfcs/rfc.discount_extension.md",
    })
}

impl<'a> Discounts<'a> {
    /// The `discounts` of a session; `None` if the extension is not active.
    pub(crate) fn of_session(session: &'a Session) -> Option<Self> {
        let quote = &session.quote;
        let rejected = quote.rejected_codes.iter().map(|rejected| RejectedDiscount {
            code: &rejected.code,
            reason: reason(&rejected.reason),
            message: &rejected.message,
        });
        let applied = quote.discounts.iter();
        is_active(session).then(|| Self {
            codes: &session.cart.codes,
            applied: applied
                .map(|discount| AppliedDiscount::new(session, discount))
                .collect(),
            rejected: rejected.collect(),
        })
    }
}

impl<'a> AppliedDiscount<'a> {
    fn new(session: &Session, discount: &'a Discount) -> Self {
        let allocations = discount.allocations.iter().map(|(target, amount)| DiscountAllocation {
            path: match target {
                DiscountTarget::Line(line) => line_path(session, line.as_str()),
                DiscountTarget::Order => "$.totals.discount".to_owned(),
                DiscountTarget::Option(option) => option_path(&session.quote, option),
                DiscountTarget::Fulfillment => "$.totals.fulfillment".to_owned(),
            },
            amount: amount.minor(),
        });
        Self {
            id: &discount.id,
            code: discount.code.as_deref(),
            coupon: Coupon::new(session, &discount.coupon),
            amount: discount.amount.minor(),
            automatic: discount.code.is_none(),
            start: discount.starts.map(rfc3339),
            end: discount.ends.map(rfc3339),
            method: Some(discount.method.as_str()).filter(|method| matches!(*method, "each" | "across")),
            priority: discount.priority.max(1),
            allocations: allocations.collect(),
        }
    }
}

impl<'a> Coupon<'a> {
    fn new(session: &Session, coupon: &'a decision::Coupon) -> Self {
        let (percent_off, amount_off) = match coupon.terms {
            DiscountTerms::Rate(ppm) => (Some(percent(ppm)), None),
            DiscountTerms::Amount(minor) => (None, Some(minor)),
        };
        Self {
            id: &coupon.id,
            name: &coupon.name,
            percent_off,
            amount_off,
            currency: amount_off.map(|_| session.currency.lower()),
            duration: coupon.duration.as_deref(),
            duration_in_months: coupon.duration_in_months,
            max_redemptions: coupon.max_redemptions,
            times_redeemed: coupon.times_redeemed,
            metadata: text_pairs(&coupon.metadata),
        }
    }
}

impl<'a> DiscountDetail<'a> {
    /// The `discount_details` of a line: the discounts that have an allocation to it.
    pub(crate) fn of_line(session: &'a Session, line: &LineId) -> Vec<Self> {
        let discounts = session.quote.discounts.iter();
        let parts = discounts.flat_map(|discount| {
            let its = discount.allocations.iter();
            its.map(move |(target, amount)| (discount, target, amount))
        });
        parts
            .filter(|(_, target, _)| matches!(target, DiscountTarget::Line(id) if id == line))
            .map(|(discount, _, amount)| Self {
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
}
