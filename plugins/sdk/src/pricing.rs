//! Prices, discounts and fees: the cost of the cart before shipping and tax.

pub use crate::bindings::tillhouse::merchant::{
    pricing_types::{
        Allocation, Coupon, Discount, Fee, PricedCart, PricedLine, RateOff, Reduction, RejectedCode, Target, Terms,
    },
    types::{Cart, Context, Failure, Operation},
};
use crate::{
    amount::Amount,
    bindings::{
        pricing::exports::tillhouse::merchant::pricing, pricing_redemption::exports::tillhouse::merchant as redemption,
    },
    export::Adapter,
};

mod discount;

/// Prices a cart. Capability `pricing`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// /// Sells at the prices of the catalog.
/// struct Shop;
///
/// impl Pricing for Shop {
///     fn price(ctx: Context, cart: Cart) -> Result<PricedCart, Failure> {
///         let ids: Vec<String> = cart.lines.iter().map(|line| line.item.clone()).collect();
///         let mut priced = PricedCart::default();
///         for (line, item) in cart.lines.into_iter().zip(catalog::get(&ids)) {
///             let Some(item) = item else {
///                 priced.unknown.push(line.id);
///                 continue;
///             };
///             let Ok(price) = item.price.amount_in(&ctx.currency) else {
///                 let text = "This item is sold in another currency.";
///                 return Err(Failure::rejected("unsupported", Subject::line(line.id), text));
///             };
///             priced.lines.push(PricedLine::new(line.id, price).including_tax(item.tax_included));
///         }
///         let no = |code: String| RejectedCode::new(code, "discount_code_invalid", "This code does not exist.");
///         priced.rejected.extend(cart.codes.into_iter().map(no));
///         Ok(priced)
///     }
/// }
///
/// let _host = testing::Host::new().item(testing::item("tee", 2500)).install();
/// let priced = Shop::price(testing::context("USD"), testing::cart(&[("tee", 2), ("gone", 1)]))?;
/// assert_eq!((priced.lines[0].unit_price, priced.unknown), (2500, vec!["line_2".into()]));
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `pricing` and does not implement `Pricing`",
    note = "implement `Pricing` for `{Self}`, or leave `pricing` out of `export!`"
)]
pub trait Pricing {
    /// Prices a cart. Has no side effects; called on every change of the cart and again before payment.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `kv` and `counters` to read.
    /// Limits: 50 ms of CPU, 2 s in all, 32 MiB of memory, no HTTP.
    ///
    /// # Errors
    /// A [`Failure`]. Report an unknown item or an inapplicable code in the answer, not as a failure.
    fn price(ctx: Context, cart: Cart) -> Result<PricedCart, Failure>;
}

/// Counts redemptions of discount codes. Capability `pricing_redemption`, in addition to `pricing`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::counters::Error;
///
/// /// A code that can be redeemed five times.
/// struct Shop;
///
/// impl PricingRedemption for Shop {
///     fn redeem(_ctx: Context, op: Operation, codes: Vec<String>) -> Result<(), Failure> {
///         if codes.is_empty() || !kv::claim(&format!("redeemed/{}", op.reference), b"")? {
///             return Ok(());
///         }
///         match counters::add("used", -1, Some(-5)) {
///             Err(Error::Insufficient) => {
///                 let about = Subject::code(codes.concat());
///                 Err(Failure::rejected("discount_code_usage_limit_reached", about, "Used up."))
///             }
///             other => Ok(other?),
///         }
///     }
///
///     fn restore(_ctx: Context, op: Operation, _codes: Vec<String>) -> Result<(), Failure> {
///         if kv::get(&format!("redeemed/{}", op.reference))?.is_some() {
///             kv::delete(&format!("redeemed/{}", op.reference), kv::Expectation::Any)?;
///             counters::add("used", 1, None)?;
///         }
///         Ok(())
///     }
/// }
///
/// let host = testing::Host::new().install();
/// let redeem = || Shop::redeem(testing::context("USD"), testing::operation("1"), vec!["FIRST5".into()]);
/// redeem()?;
/// redeem()?;
/// assert_eq!(host.counter("used"), -1, "once per payment");
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `pricing_redemption` and does not implement `PricingRedemption`",
    note = "implement `PricingRedemption` for `{Self}`, or leave `pricing_redemption` out of `export!`"
)]
pub trait PricingRedemption {
    /// Redeems each applied code once, all codes or none, idempotent per operation.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `kv` and `counters`.
    /// Limits: 100 ms of CPU, 2 s in all, 32 MiB of memory, no HTTP.
    ///
    /// # Errors
    /// [`Failure::Rejected`] with the code's reason; the checkout is then not completed.
    fn redeem(ctx: Context, op: Operation, codes: Vec<String>) -> Result<(), Failure>;

    /// Restores the redemptions of the operation after a declined payment or a canceled order.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `kv` and `counters`.
    /// Limits: 100 ms of CPU, 2 s in all, 32 MiB of memory, no HTTP.
    ///
    /// # Errors
    /// A [`Failure`]; the host retries.
    fn restore(ctx: Context, op: Operation, codes: Vec<String>) -> Result<(), Failure>;
}

impl<T: Pricing> pricing::Guest for Adapter<T> {
    fn price(ctx: Context, cart: Cart) -> Result<PricedCart, Failure> {
        T::price(ctx, cart)
    }
}

impl<T: PricingRedemption> redemption::pricing_redemption::Guest for Adapter<T> {
    fn redeem(ctx: Context, op: Operation, codes: Vec<String>) -> Result<(), Failure> {
        T::redeem(ctx, op, codes)
    }

    fn restore(ctx: Context, op: Operation, codes: Vec<String>) -> Result<(), Failure> {
        T::restore(ctx, op, codes)
    }
}

impl PricedLine {
    /// Creates a priced line without a quantity limit; the price excludes tax.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let line = PricedLine { max_quantity: Some(5), ..PricedLine::new("line_1", Amount::new(2500)?) };
    /// assert_eq!(line.unit_price, 2500);
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn new(line: impl Into<String>, unit_price: Amount) -> Self {
        Self {
            line: line.into(),
            unit_price: unit_price.minor(),
            tax_included: false,
            max_quantity: None,
            extensions: Vec::new(),
        }
    }

    /// Sets whether the price includes tax, for example from the catalog: `.including_tax(item.tax_included)`.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert!(PricedLine::new("line_1", Amount::new(999)?).including_tax(true).tax_included);
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub const fn including_tax(mut self, included: bool) -> Self {
        self.tax_included = included;
        self
    }
}

impl RejectedCode {
    /// Creates a rejected code: the code exactly as in the cart, one of the contract's reasons, and a text for the buyer.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let expired = RejectedCode::new("SUMMER23", "discount_code_expired", "This code has expired.");
    /// assert_eq!(expired.code, "SUMMER23");
    /// ```
    #[must_use]
    pub fn new(code: impl Into<String>, reason: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            reason: reason.into(),
            message: message.into(),
            extensions: Vec::new(),
        }
    }
}

impl Fee {
    /// Creates a fee whose kind is also its id; the amount excludes tax.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let wrap = Fee::new("gift_wrap", "Gift wrap", Amount::new(350)?);
    /// assert_eq!(wrap.id, "gift_wrap");
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn new(kind: &str, title: impl Into<String>, amount: Amount) -> Self {
        Self {
            id: kind.into(),
            kind: kind.into(),
            title: title.into(),
            amount: amount.minor(),
            tax_included: false,
            extensions: Vec::new(),
        }
    }

    /// Sets whether the amount includes tax.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert!(Fee::new("deposit", "Deposit", Amount::new(25)?).including_tax(true).tax_included);
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub const fn including_tax(mut self, included: bool) -> Self {
        self.tax_included = included;
        self
    }
}
