//! Constructors for discounts: what a coupon offers, and how much it takes off this cart.

use super::{Allocation, Coupon, Discount, RateOff, Reduction, Target, Terms};
use crate::{
    amount::Amount,
    rate::Rate,
    rounding::{Rounding, RoundingRule, Scope},
};

impl Coupon {
    /// Creates a coupon that offers a percentage; its name is shown to the buyer.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// use tillhouse_plugin::pricing::Terms;
    ///
    /// let coupon = Coupon::percent("save10", "10 % off", Rate::percent("10").unwrap());
    /// assert_eq!(coupon.terms, Terms::Rate(100_000));
    /// ```
    #[must_use]
    pub fn percent(id: impl Into<String>, name: impl Into<String>, rate: Rate) -> Self {
        Self::of(id, name, Terms::Rate(rate.ppm()))
    }

    /// Creates a coupon that offers a fixed amount; its name is shown to the buyer.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let coupon = Coupon { max_redemptions: Some(100), ..Coupon::amount("welcome", "5 dollars off", Amount::new(500)?) };
    /// assert_eq!(coupon.name, "5 dollars off");
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn amount(id: impl Into<String>, name: impl Into<String>, amount: Amount) -> Self {
        Self::of(id, name, Terms::Amount(amount.minor()))
    }

    fn of(id: impl Into<String>, name: impl Into<String>, terms: Terms) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            terms,
            duration: None,
            duration_in_months: None,
            max_redemptions: None,
            times_redeemed: None,
            extensions: Vec::new(),
        }
    }
}

impl Discount {
    /// Creates the discount of a code, spelled as in the cart: amounts by target, or a rate that the host computes.
    ///
    /// Its id is that of the coupon, its priority 1.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let ten = Rate::percent("10").unwrap();
    /// let discount = Discount::code("SAVE10", Coupon::percent("save10", "10 % off", ten), RateOff::new(ten));
    /// assert_eq!((discount.id.as_str(), discount.code.as_deref()), ("save10", Some("SAVE10")));
    /// ```
    #[must_use]
    pub fn code(code: impl Into<String>, coupon: Coupon, reduction: impl Into<Reduction>) -> Self {
        Self {
            code: Some(code.into()),
            ..Self::automatic(coupon, reduction)
        }
    }

    /// Creates a discount without a code: amounts by target, or a rate that the host computes.
    ///
    /// Its id is that of the coupon, its priority 1.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let off = Amount::new(500)?;
    /// let coupon = Coupon::amount("welcome", "5 dollars off", off);
    /// let discount = Discount { priority: 2, ..Discount::automatic(coupon, Allocation::order(off)) };
    /// assert_eq!((discount.code, discount.method.as_str()), (None, "across"));
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn automatic(coupon: Coupon, reduction: impl Into<Reduction>) -> Self {
        let reduction = reduction.into();
        let method = match &reduction {
            Reduction::Rate(off) if off.rounding.scope == Scope::Line.name() => "each",
            Reduction::Rate(_) | Reduction::Amounts(_) => "across",
        };
        Self {
            id: coupon.id.clone(),
            code: None,
            coupon,
            method: method.into(),
            priority: 1,
            starts: None,
            ends: None,
            reduction,
            extensions: Vec::new(),
        }
    }
}

impl RateOff {
    /// Creates a rate off every line, rounded half up, once for all lines: the sum does not depend on how the cart is split.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// use tillhouse_plugin::pricing::Target;
    ///
    /// let half_of_the_shipping = RateOff {
    ///     targets: vec![Target::Fulfillment],
    ///     ..RateOff::new(Rate::percent("50").unwrap())
    /// };
    /// assert_eq!(half_of_the_shipping.rounding, RoundingRule::per_cart(Rounding::HalfUp));
    /// ```
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self {
            rate: rate.ppm(),
            targets: Vec::new(),
            rounding: RoundingRule::per_cart(Rounding::HalfUp),
        }
    }
}

impl From<RateOff> for Reduction {
    fn from(off: RateOff) -> Self {
        Self::Rate(off)
    }
}

impl From<Vec<Allocation>> for Reduction {
    fn from(allocations: Vec<Allocation>) -> Self {
        Self::Amounts(allocations)
    }
}

impl From<Allocation> for Reduction {
    fn from(allocation: Allocation) -> Self {
        Self::Amounts(vec![allocation])
    }
}

impl Allocation {
    /// Takes an amount off one line.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Allocation::line("line_1", Amount::new(250)?).amount, 250);
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn line(line: impl Into<String>, amount: Amount) -> Self {
        Self::of(Target::Line(line.into()), amount)
    }

    /// Takes an amount off the order as a whole.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// use tillhouse_plugin::pricing::Target;
    ///
    /// assert_eq!(Allocation::order(Amount::new(300)?).target, Target::Order);
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn order(amount: Amount) -> Self {
        Self::of(Target::Order, amount)
    }

    /// Takes an amount off one fulfillment option: at most its price, and only while the option applies.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let off = Allocation::option("standard", Amount::new(599)?);
    /// let free = Discount::code("SHIPFREE", Coupon::amount("shipfree", "Free standard shipping", Amount::new(599)?), off);
    /// assert_eq!(free.code.as_deref(), Some("SHIPFREE"));
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn option(option: impl Into<String>, amount: Amount) -> Self {
        Self::of(Target::Option(option.into()), amount)
    }

    /// Takes an amount off every fulfillment option, at most the price of each.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// use tillhouse_plugin::pricing::Target;
    ///
    /// assert_eq!(Allocation::fulfillment(Amount::new(500)?).target, Target::Fulfillment);
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn fulfillment(amount: Amount) -> Self {
        Self::of(Target::Fulfillment, amount)
    }

    fn of(target: Target, amount: Amount) -> Self {
        Self {
            target,
            amount: amount.minor(),
            extensions: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_rate_that_is_rounded_line_by_line_discounts_each_line() {
        let rate = Rate::from_ppm(100_000);
        let coupon = || Coupon::percent("save10", "10 % off", rate);
        let each = RateOff {
            rounding: RoundingRule::per_line(Rounding::HalfUp),
            ..RateOff::new(rate)
        };
        assert_eq!(Discount::automatic(coupon(), each).method, "each");
        assert_eq!(Discount::automatic(coupon(), RateOff::new(rate)).method, "across");
        assert_eq!(Discount::automatic(coupon(), Vec::new()).method, "across");
    }
}
