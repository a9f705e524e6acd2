//! Discount codes of a request (`AcpDiscountsRequest`), and what became of them (`AcpDiscountsResponse`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::adyen::rendering::{Units, discount_reason, line_item_path, option_path};
use crate::fields::Code;
use crate::rendering::{rfc3339, text_pairs};
use tillhouse_checkout::decision::{self, DiscountTarget, DiscountTerms};
use tillhouse_checkout::money::Amount;
use tillhouse_checkout::quote::Discount;
use tillhouse_checkout::session::Session;

/// Parts per million of a percent.
const PERCENT: u32 = 10_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct DiscountsRequest {
    codes: Option<Vec<Code>>,
}

/// The codes of a request, which replace all; `None` if it leaves them as they are.
pub(crate) fn codes(discounts: Option<DiscountsRequest>) -> Option<Vec<String>> {
    let codes = discounts?.codes?;
    Some(codes.into_iter().map(|code| code.0).collect())
}

#[derive(Debug, Serialize)]
pub(crate) struct Discounts<'a> {
    codes: &'a [String],
    applied: Vec<AppliedDiscount<'a>>,
    rejected: Vec<RejectedDiscount<'a>>,
}

#[derive(Debug, Serialize)]
struct AppliedDiscount<'a> {
    id: &'a str,
    amount: i64,
    coupon: Coupon<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    automatic: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    allocations: Vec<DiscountAllocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
}

/// A coupon with either `percent_off`, or `amount_off` and its currency.
#[derive(Debug, Serialize)]
struct Coupon<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent_off: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_off: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_in_months: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_redemptions: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times_redeemed: Option<i32>,
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

impl<'a> Discounts<'a> {
    /// The discounts of a session: three lists, which are empty where there is nothing to say.
    pub(crate) fn of(session: &'a Session, units: Units) -> Self {
        let quote = &session.quote;
        let applied = quote.discounts.iter();
        let rejected = quote.rejected_codes.iter().map(|rejected| RejectedDiscount {
            code: &rejected.code,
            reason: discount_reason(&rejected.reason),
            message: &rejected.message,
        });
        Self {
            codes: &session.cart.codes,
            applied: applied
                .map(|discount| AppliedDiscount::of(session, discount, units))
                .collect(),
            rejected: rejected.collect(),
        }
    }
}

impl<'a> AppliedDiscount<'a> {
    fn of(session: &Session, discount: &'a Discount, units: Units) -> Self {
        let allocations = discount.allocations.iter().map(|(target, amount)| DiscountAllocation {
            path: match target {
                DiscountTarget::Line(line) => line_item_path(session, line),
                DiscountTarget::Order => "totals.discount".to_owned(),
                DiscountTarget::Option(option) => option_path(session, option),
                DiscountTarget::Fulfillment => "totals.shipping".to_owned(),
            },
            amount: units.of(*amount),
        });
        Self {
            id: &discount.id,
            amount: units.of(discount.amount),
            coupon: Coupon::of(&discount.coupon, discount.amount, units),
            code: discount.code.as_deref(),
            automatic: discount.code.is_none(),
            method: Some(discount.method.as_str()).filter(|method| matches!(*method, "each" | "across")),
            allocations: allocations.collect(),
            start: discount.starts.map(rfc3339),
            end: discount.ends.map(rfc3339),
        }
    }
}

impl<'a> Coupon<'a> {
    /// `percent_off` is a whole number. A rate that is none is shown by what it takes off.
    fn of(coupon: &'a decision::Coupon, taken_off: Amount, units: Units) -> Self {
        let (percent_off, amount_off) = match coupon.terms {
            DiscountTerms::Rate(ppm) if ppm % PERCENT == 0 => (Some(ppm / PERCENT), None),
            DiscountTerms::Rate(_) => (None, Some(taken_off)),
            DiscountTerms::Amount(minor) => (None, Some(Amount::new(minor).unwrap_or(taken_off))),
        };
        let count = |count: Option<u64>| count.and_then(|count| i32::try_from(count).ok());
        Self {
            id: &coupon.id,
            name: &coupon.name,
            percent_off,
            amount_off: amount_off.map(|amount| units.of(amount)),
            currency: amount_off.map(|_| units.currency().lower()),
            duration: coupon
                .duration
                .as_deref()
                .filter(|duration| matches!(*duration, "once" | "repeating" | "forever")),
            duration_in_months: coupon.duration_in_months.and_then(|months| i32::try_from(months).ok()),
            max_redemptions: count(coupon.max_redemptions),
            times_redeemed: count(coupon.times_redeemed),
            metadata: text_pairs(&coupon.metadata),
        }
    }
}
