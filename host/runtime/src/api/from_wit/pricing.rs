//! Prices, coupons, discounts and fees.

use super::rounding::rounding;
use super::{line_id, messages};
use crate::api::bindings::tillhouse::merchant::pricing_types as wit;
use crate::api::check;
use tillhouse_checkout::decision::{
    Coupon, DiscountTarget, DiscountTerms, OfferedDiscount, OfferedFee, PricedCart, PricedLine, RateOff, Reduction,
    RejectedCode,
};
use tillhouse_checkout::ids::OptionId;
use tillhouse_checkout::time::Timestamp;

pub(crate) fn priced_cart(cart: wit::PricedCart) -> Result<PricedCart, String> {
    Ok(PricedCart {
        lines: check::list("lines", cart.lines, check::LINES, priced_line)?,
        unknown: check::list("unknown", cart.unknown, check::LINES, line_id)?,
        discounts: check::list("discounts", cart.discounts, check::DISCOUNTS, discount)?,
        rejected: check::list("rejected", cart.rejected, check::CODES, rejected_code)?,
        fees: check::list("fees", cart.fees, check::FEES, fee)?,
        messages: messages(cart.messages)?,
    })
}

fn priced_line(line: wit::PricedLine) -> Result<PricedLine, String> {
    Ok(PricedLine {
        line: line_id(line.line)?,
        unit_price: line.unit_price,
        tax_included: line.tax_included,
        max_quantity: line.max_quantity,
    })
}

fn rejected_code(rejected: wit::RejectedCode) -> Result<RejectedCode, String> {
    Ok(RejectedCode {
        code: check::text("rejected.code", rejected.code, check::TEXT)?,
        reason: check::text("rejected.reason", rejected.reason, check::ID)?,
        message: check::text("rejected.message", rejected.message, check::TEXT)?,
    })
}

fn fee(fee: wit::Fee) -> Result<OfferedFee, String> {
    Ok(OfferedFee {
        id: check::text("fee.id", fee.id, check::ID)?,
        kind: check::text("fee.kind", fee.kind, check::ID)?,
        title: check::text("fee.title", fee.title, check::TEXT)?,
        amount: fee.amount,
        tax_included: fee.tax_included,
    })
}

fn discount(discount: wit::Discount) -> Result<OfferedDiscount, String> {
    Ok(OfferedDiscount {
        id: check::text("discount.id", discount.id, check::ID)?,
        code: check::optional("discount.code", discount.code, check::TEXT)?,
        coupon: coupon(discount.coupon)?,
        method: check::text("discount.method", discount.method, check::ID)?,
        priority: discount.priority,
        starts: discount.starts.map(Timestamp),
        ends: discount.ends.map(Timestamp),
        reduction: reduction(discount.reduction)?,
    })
}

fn coupon(coupon: wit::Coupon) -> Result<Coupon, String> {
    Ok(Coupon {
        id: check::text("coupon.id", coupon.id, check::ID)?,
        name: check::text("coupon.name", coupon.name, check::TEXT)?,
        terms: match coupon.terms {
            wit::Terms::Rate(rate) => DiscountTerms::Rate(rate),
            wit::Terms::Amount(amount) => DiscountTerms::Amount(amount),
        },
        duration: check::optional("coupon.duration", coupon.duration, check::ID)?,
        duration_in_months: coupon.duration_in_months,
        max_redemptions: coupon.max_redemptions,
        times_redeemed: coupon.times_redeemed,
        metadata: check::metadata("coupon.extensions", coupon.extensions)?,
    })
}

fn reduction(reduction: wit::Reduction) -> Result<Reduction, String> {
    Ok(match reduction {
        wit::Reduction::Amounts(allocations) => Reduction::Amounts(check::list(
            "reduction.amounts",
            allocations,
            check::TARGETS,
            |allocation| Ok((target(allocation.target)?, allocation.amount)),
        )?),
        wit::Reduction::Rate(off) => Reduction::Rate(RateOff {
            rate: off.rate,
            targets: check::list("reduction.targets", off.targets, check::TARGETS, target)?,
            rounding: rounding(off.rounding)?,
        }),
    })
}

fn target(target: wit::Target) -> Result<DiscountTarget, String> {
    Ok(match target {
        wit::Target::Line(line) => DiscountTarget::Line(line_id(line)?),
        wit::Target::Order => DiscountTarget::Order,
        wit::Target::Option(id) => DiscountTarget::Option(OptionId::new(check::text("target.option", id, check::ID)?)),
        wit::Target::Fulfillment => DiscountTarget::Fulfillment,
    })
}
