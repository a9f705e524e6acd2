//! Prices, discounts, fees: what the cart costs before shipping and tax.

pub use crate::bindings::{
    pricing::exports::tillhouse::merchant::pricing::{
        Allocation, Discount, Fee, PricedCart, PricedLine, RejectedCode, Target, Terms,
    },
    tillhouse::merchant::types::{Cart, Context, Failure, Operation},
};
use crate::{
    amount::Amount,
    bindings::{
        pricing::exports::tillhouse::merchant::pricing, pricing_redemption::exports::tillhouse::merchant as redemption,
    },
    export::Adapter,
};

/// Prices a cart. Capability `pricing`.
pub trait Pricing {
    /// Prices a cart. Decides only: called on every change of the cart and again before payment, without effects.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, and read `kv` and `counters`.
    ///
    /// # Errors
    /// A [`Failure`]; an unknown item or a code that does not apply is part of the answer, not a failure.
    fn price(ctx: Context, cart: Cart) -> Result<PricedCart, Failure>;
}

/// Counts the use of codes. Capability `pricing_redemption`, beside `pricing`.
pub trait PricingRedemption {
    /// Takes one use of each code that is in force, all or none, once per operation. May use `kv` and `counters`.
    ///
    /// # Errors
    /// [`Failure::Rejected`] with the code's reason sends the checkout back.
    fn redeem(ctx: Context, op: Operation, codes: Vec<String>) -> Result<(), Failure>;

    /// Gives the uses of that operation back: the payment was declined or the order canceled.
    ///
    /// # Errors
    /// A [`Failure`]; the host calls again.
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
    /// A line at a price, without a limit of quantity.
    #[must_use]
    pub fn new(line: impl Into<String>, unit_price: Amount) -> Self {
        Self {
            line: line.into(),
            unit_price: unit_price.minor(),
            max_quantity: None,
            extensions: Vec::new(),
        }
    }
}

impl RejectedCode {
    /// A code that does not apply: the code exactly as in the cart, one of the contract's reasons, a text for the buyer.
    #[must_use]
    pub fn new(code: impl Into<String>, reason: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            reason: reason.into(),
            message: message.into(),
        }
    }
}

impl Allocation {
    /// An amount off a line.
    #[must_use]
    pub fn line(line: impl Into<String>, amount: Amount) -> Self {
        Self {
            target: Target::Line(line.into()),
            amount: amount.minor(),
        }
    }

    /// An amount off the order as a whole.
    #[must_use]
    pub fn order(amount: Amount) -> Self {
        Self {
            target: Target::Order,
            amount: amount.minor(),
        }
    }
}

impl Fee {
    /// A fee of a kind, which is also its id.
    #[must_use]
    pub fn new(kind: &str, title: impl Into<String>, amount: Amount) -> Self {
        Self {
            id: kind.into(),
            kind: kind.into(),
            title: title.into(),
            amount: amount.minor(),
        }
    }
}

#[allow(clippy::derivable_impls, reason = "the type is generated")]
impl Default for PricedCart {
    fn default() -> Self {
        Self {
            lines: Vec::new(),
            unknown: Vec::new(),
            discounts: Vec::new(),
            rejected: Vec::new(),
            fees: Vec::new(),
            messages: Vec::new(),
            extensions: Vec::new(),
        }
    }
}
