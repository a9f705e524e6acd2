//! The answer of a call as the domain's own types. Messages are left out: no rule is about them.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use tillhouse_checkout::decision::{
    Coupon, DiscountTarget, FulfillmentOffer, OfferedDiscount, PricedCart, RateOff, Reduction, Stock, TaxAssessment,
};
use tillhouse_checkout::time::Timestamp;

/// The answer of `pricing.price`.
pub(super) fn prices(answer: &Value) -> Option<PricedCart> {
    let discounts: Vec<Discount> = read_list(answer, "discounts")?;
    Some(PricedCart {
        lines: read_list(answer, "lines")?,
        unknown: read_list(answer, "unknown")?,
        discounts: discounts.into_iter().map(offered).collect(),
        rejected: read_list(answer, "rejected")?,
        fees: read_list(answer, "fees")?,
        messages: Vec::new(),
    })
}

/// The answer of `fulfillment.options`.
pub(super) fn offer(answer: &Value) -> Option<FulfillmentOffer> {
    Some(FulfillmentOffer {
        options: read_list(answer, "options")?,
        preselected: read_list(answer, "preselected")?,
        messages: Vec::new(),
    })
}

/// The answer of `tax.assess`.
pub(super) fn taxes(answer: &Value) -> Option<TaxAssessment> {
    Some(TaxAssessment {
        taxes: read(answer.get("taxes")?)?,
        messages: Vec::new(),
    })
}

/// The answer of `inventory.check`.
pub(super) fn stock(answer: &Value) -> Option<Vec<Stock>> {
    read(answer)
}

#[derive(Deserialize)]
struct Discount {
    id: String,
    code: Option<String>,
    coupon: Coupon,
    method: String,
    priority: u32,
    starts: Option<Timestamp>,
    ends: Option<Timestamp>,
    reduction: AnsweredReduction,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnsweredReduction {
    Amounts(Vec<Allocation>),
    Rate(RateOff),
}

#[derive(Deserialize)]
struct Allocation {
    target: DiscountTarget,
    amount: i64,
}

fn offered(discount: Discount) -> OfferedDiscount {
    OfferedDiscount {
        id: discount.id,
        code: discount.code,
        coupon: discount.coupon,
        method: discount.method,
        priority: discount.priority,
        starts: discount.starts,
        ends: discount.ends,
        reduction: match discount.reduction {
            AnsweredReduction::Amounts(amounts) => {
                Reduction::Amounts(amounts.into_iter().map(|part| (part.target, part.amount)).collect())
            }
            AnsweredReduction::Rate(off) => Reduction::Rate(off),
        },
    }
}

/// A missing list is empty; `None` if it does not parse.
pub(super) fn read_list<T: DeserializeOwned>(of: &Value, name: &str) -> Option<Vec<T>> {
    of.get(name).map_or_else(|| Some(Vec::new()), read)
}

/// `None` if the value does not parse; the rules are then not checked.
fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}
