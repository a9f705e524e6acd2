//! Discounts (schemas `DiscountsResponse` and `DiscountDetail`).

use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct DiscountDetail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'a str>,
    pub(crate) r#type: &'static str,
    pub(crate) amount: i64,
    pub(crate) description: &'a str,
    pub(crate) source: &'static str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Discounts<'a> {
    pub(crate) codes: &'a [String],
    pub(crate) applied: Vec<AppliedDiscount<'a>>,
    pub(crate) rejected: Vec<RejectedDiscount<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct AppliedDiscount<'a> {
    pub(crate) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'a str>,
    pub(crate) coupon: Coupon<'a>,
    pub(crate) amount: i64,
    pub(crate) automatic: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<&'a str>,
    pub(crate) priority: u32,
    pub(crate) allocations: Vec<Allocation>,
}

/// A coupon has either `percent_off`, or `amount_off` with `currency`.
#[derive(Debug, Serialize)]
pub(crate) struct Coupon<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) percent_off: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) amount_off: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration_in_months: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_redemptions: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) times_redeemed: Option<u64>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Allocation {
    pub(crate) path: String,
    pub(crate) amount: i64,
}

#[derive(Debug, Serialize)]
pub(crate) struct RejectedDiscount<'a> {
    pub(crate) code: &'a str,
    pub(crate) reason: &'a str,
    pub(crate) message: &'a str,
}
