//! Fees in addition to the items: gift wrap.

use tillhouse_plugin::prelude::*;

/// Adds the gift-wrap fee if the cart asks for it (extension `gift-wrap` = `true`) or the shop wraps everything
/// (`fees.gift-wrap.always`).
///
/// If no price is configured and the cart asks for gift wrap, adds a warning instead.
pub(crate) fn charge(cart: &Cart, units: u64, answer: &mut PricedCart) -> Result<(), Failure> {
    let asked = cart.extension("gift-wrap") == Some("true");
    let mut wrap = Wrap::default();
    for (key, value) in config::table("fees.gift-wrap.") {
        match key.as_str() {
            "price" => wrap.price = Some(config::amount_text("fees.gift-wrap.price", &value)?),
            "title" => wrap.title = Some(value),
            "tax-included" => wrap.tax_included = value == "true",
            "per-unit" => wrap.per_unit = value == "true",
            "always" => wrap.always = value == "true",
            _ => {}
        }
    }
    match wrap.price {
        Some(price) if asked || wrap.always => {
            let amount = if wrap.per_unit { price.times(units)? } else { price };
            let title = wrap.title.unwrap_or_else(|| "Gift wrap".into());
            let fee = Fee::new("gift_wrap", title, amount);
            answer.fees.push(fee.including_tax(wrap.tax_included));
        }
        None if asked => {
            let text = "This shop does not wrap gifts.";
            answer
                .messages
                .push(Message::warning("unsupported", Subject::session(), text));
        }
        _ => {}
    }
    Ok(())
}

#[derive(Default)]
struct Wrap {
    price: Option<Amount>,
    title: Option<String>,
    tax_included: bool,
    per_unit: bool,
    always: bool,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn fees(asked: bool) -> PricedCart {
        let mut cart = testing::cart(&[]);
        if asked {
            cart.extensions.push(("gift-wrap".into(), "true".into()));
        }
        let mut answer = PricedCart::default();
        charge(&cart, 3, &mut answer).unwrap();
        answer
    }

    #[test]
    fn gifts_are_wrapped_on_request() {
        let _host = testing::Host::new().config("fees.gift-wrap.price", "300").install();
        assert!(fees(false).fees.is_empty());
        assert_eq!(
            fees(true).fees,
            [Fee::new("gift_wrap", "Gift wrap", Amount::new(300).unwrap())]
        );
    }

    #[test]
    fn a_fee_includes_tax_if_configured() {
        let host = testing::Host::new().config("fees.gift-wrap.price", "300").install();
        assert!(!fees(true).fees.first().unwrap().tax_included);
        host.set_config("fees.gift-wrap.tax-included", "true");
        assert!(fees(true).fees.first().unwrap().tax_included);
    }

    #[test]
    fn a_fee_per_unit_counts_units() {
        let host = testing::Host::new()
            .config("fees.gift-wrap.price", "300")
            .config("fees.gift-wrap.per-unit", "true");
        let _host = host.config("fees.gift-wrap.always", "true").install();
        assert_eq!(fees(false).fees.iter().map(|fee| fee.amount).sum::<i64>(), 900);
    }

    #[test]
    fn a_shop_without_gift_wrap_adds_a_warning() {
        let _host = testing::Host::new().install();
        let answer = fees(true);
        assert!(answer.fees.is_empty());
        assert_eq!(answer.messages.len(), 1);
    }
}
