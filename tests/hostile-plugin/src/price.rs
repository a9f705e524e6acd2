//! Prices that violate the contract.

use tillhouse_plugin::{config::Invalid, prelude::*, pricing::Target};

use crate::{Hostile, attack};

impl Pricing for Hostile {
    fn price(ctx: Context, cart: Cart) -> Result<PricedCart, Failure> {
        let mode = attack::requested("price:", cart.lines.iter().map(|line| line.item.as_str()));
        attack::run(mode);
        let mut answer = valid_prices(&cart)?;
        answer.discounts.extend(invalid_discount(mode, ctx.now));
        violate(mode, &cart, &mut answer)?;
        Ok(answer)
    }
}

/// Returns valid prices, with every code rejected.
fn valid_prices(cart: &Cart) -> Result<PricedCart, Invalid> {
    let unit: i64 = config::parse_or("unit-price", 2_500)?;
    let tax_included = config::flag("tax-included", false)?;
    let priced = |line: &Line| PricedLine {
        unit_price: unit,
        tax_included,
        ..PricedLine::new(line.id.as_str(), Amount::ZERO)
    };
    let rejected = |code: &String| RejectedCode::new(code.as_str(), "discount_code_invalid", "No such code.");
    Ok(PricedCart {
        lines: cart.lines.iter().map(priced).collect(),
        rejected: cart.codes.iter().map(rejected).collect(),
        ..PricedCart::default()
    })
}

/// Returns a discount whose coupon, validity or rate violates the contract.
fn invalid_discount(mode: &str, now: u64) -> Option<Discount> {
    let mut rate = RateOff::new(Rate::ZERO);
    let mut invalid = discount(None, Vec::new());
    match mode {
        "rate-over-whole" => rate.rate = Rate::WHOLE.ppm() + 1,
        "unknown-rounding" => rate.rounding.mode = "nearest".into(),
        "unknown-duration" => invalid.coupon.duration = Some("monthly".into()),
        "months-of-once" => {
            invalid.coupon.duration = Some("once".into());
            invalid.coupon.duration_in_months = Some(3);
        }
        "ended-discount" => invalid.ends = Some(now),
        "future-discount" => invalid.starts = Some(now + 1),
        _ => return None,
    }
    invalid.reduction = rate.into();
    Some(invalid)
}

fn violate(mode: &str, cart: &Cart, answer: &mut PricedCart) -> Result<(), Failure> {
    let first = cart.lines.first().map(|line| line.id.clone()).unwrap_or_default();
    let of_line = |amount| vec![allocation(Target::Line(first.clone()), amount)];
    match mode {
        "negative-price" => answer.lines.iter_mut().for_each(|line| line.unit_price = -1),
        "overflow" => answer.lines.iter_mut().for_each(|line| line.unit_price = i64::MAX),
        "discount-over-base" => answer.discounts.push(discount(None, of_line(1 << 40))),
        "order-discount-over-subtotal" => {
            answer
                .discounts
                .push(discount(None, vec![allocation(Target::Order, 1 << 40)]));
        }
        "negative-discount" => answer.discounts.push(discount(None, of_line(-100))),
        "discount-on-nothing" => {
            answer
                .discounts
                .push(discount(None, vec![allocation(Target::Line("nothing".into()), 1)]));
        }
        "discount-of-strange-code" => answer.discounts.push(discount(Some("STRANGE"), of_line(1))),
        "unknown-line" => answer
            .lines
            .extend(answer.lines.first().cloned().map(|line| PricedLine {
                line: "nothing".into(),
                ..line
            })),
        "missing-line" => answer.lines.clear(),
        "line-twice" => answer.lines.extend(answer.lines.clone()),
        "unanswered-code" => answer.rejected.clear(),
        "strange-reason" => answer
            .rejected
            .iter_mut()
            .for_each(|code| code.reason = "because".into()),
        "fee-overflow" => answer.fees.push(Fee::new("fee", "Fee", Amount::MAX)),
        "fee-twice" => {
            let fee = Fee::new("packing", "Packing", Amount::ZERO);
            answer.fees.extend([fee.clone(), fee]);
        }
        "huge-output" => answer.messages.push(Message {
            text: "x".repeat(4 << 20),
            ..Message::info(Subject::session(), "")
        }),
        "egress" => {
            let sent = egress::get("acquirer", "/v1/charges").bearer_secret("api_key").send();
            sent.map_err(|error| Failure::Misconfigured(format!("egress: {}", error.code)))?;
        }
        "misconfigured" => return Err(Failure::Misconfigured("the secret cellar is locked".into())),
        "unavailable" => return Err(Failure::Unavailable(Some(7_000))),
        _ => {}
    }
    Ok(())
}

fn allocation(target: Target, amount: i64) -> Allocation {
    Allocation {
        target,
        amount,
        extensions: Vec::new(),
    }
}

fn discount(code: Option<&str>, allocations: Vec<Allocation>) -> Discount {
    let coupon = Coupon::amount("discount", "Discount", Amount::ZERO);
    Discount {
        code: code.map(Into::into),
        ..Discount::automatic(coupon, allocations)
    }
}
