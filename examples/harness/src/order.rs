//! Builders of orders to charge, amounts and operations.

use tillhouse_plugin::payments::ChargeOrder;
use tillhouse_plugin::testing;
use tillhouse_plugin::types::{Address, Authentication, Buyer, Money, Operation};

/// An order to charge that is being built.
///
/// ```
/// use tillhouse_harness::prelude::*;
/// use tillhouse_plugin::payments::ChargeOrder;
///
/// let order: ChargeOrder = order().id("order_1").into();
/// assert_eq!(order.amount.minor, 1_00);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "an order is handed to `payments().charge`"]
pub struct OrderBuilder(ChargeOrder);

/// Starts an order to charge; the amount is 1.00 USD unless [`OrderBuilder::total`] sets another.
///
/// ```
/// use tillhouse_harness::prelude::*;
/// use tillhouse_plugin::payments::ChargeOrder;
///
/// let order: ChargeOrder = order().total(45_98, "usd").email("jane@example.com").into();
/// assert_eq!((order.amount.minor, order.amount.currency.as_str()), (4598, "USD"));
/// ```
pub fn order() -> OrderBuilder {
    OrderBuilder(testing::charge_order(money(100, "USD")))
}

impl OrderBuilder {
    /// Sets the amount, in minor units.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::payments::ChargeOrder;
    ///
    /// let order: ChargeOrder = order().total(2500, "jpy").into();
    /// assert_eq!((&order.amount, order.purchase.totals.total), (&money(2500, "JPY"), 2500));
    /// ```
    pub fn total(mut self, minor: i64, currency: &str) -> Self {
        self.0.amount = money(minor, currency);
        self.0.purchase.totals.total = minor;
        self
    }

    /// Sets the id of the order; the default is `ord_test`.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::payments::ChargeOrder;
    ///
    /// let order: ChargeOrder = order().id("order_7").into();
    /// assert_eq!(order.order, "order_7");
    /// ```
    pub fn id(mut self, order: impl Into<String>) -> Self {
        self.0.order = order.into();
        self
    }

    /// Sets the text on the buyer's card statement.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::payments::ChargeOrder;
    ///
    /// let order: ChargeOrder = order().statement("ACME TEES").into();
    /// assert_eq!(order.statement.as_deref(), Some("ACME TEES"));
    /// ```
    pub fn statement(mut self, text: impl Into<String>) -> Self {
        self.0.statement = Some(text.into());
        self
    }

    /// Sets the billing address of the order.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::payments::ChargeOrder;
    ///
    /// let order: ChargeOrder = order().billed_to(address::us("NY")).into();
    /// assert_eq!(order.billing.unwrap().region, "NY");
    /// ```
    pub fn billed_to(mut self, address: Address) -> Self {
        self.0.billing = Some(address);
        self
    }

    /// Sets the shipping address of the order.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::payments::ChargeOrder;
    ///
    /// let order: ChargeOrder = order().shipped_to(address::of("DE")).into();
    /// assert_eq!(order.shipping.unwrap().country, "DE");
    /// ```
    pub fn shipped_to(mut self, address: Address) -> Self {
        self.0.shipping = Some(address);
        self
    }

    /// Sets the email address of the buyer.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::payments::ChargeOrder;
    ///
    /// let order: ChargeOrder = order().email("jane@example.com").into();
    /// assert_eq!(order.buyer.unwrap().email.as_deref(), Some("jane@example.com"));
    /// ```
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.0.buyer.get_or_insert_with(Buyer::default).email = Some(email.into());
        self
    }

    /// Sets the result of a 3-D Secure authentication before the payment.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::{payments::ChargeOrder, types::Authentication};
    ///
    /// let proof = Authentication { outcome: "authenticated".into(), eci: Some("05".into()), ..Authentication::default() };
    /// let order: ChargeOrder = order().authenticated(proof).into();
    /// assert_eq!(order.authentication.unwrap().eci.as_deref(), Some("05"));
    /// ```
    pub fn authenticated(mut self, proof: Authentication) -> Self {
        self.0.authentication = Some(proof);
        self
    }

    /// Sets any field of the order: device, purchase, initiator …
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::payments::ChargeOrder;
    ///
    /// let order: ChargeOrder = order().with(|order| order.device.ip = Some("203.0.113.7".into())).into();
    /// assert_eq!(order.device.ip.as_deref(), Some("203.0.113.7"));
    /// ```
    pub fn with(mut self, change: impl FnOnce(&mut ChargeOrder)) -> Self {
        change(&mut self.0);
        self
    }
}

impl From<OrderBuilder> for ChargeOrder {
    fn from(builder: OrderBuilder) -> Self {
        builder.0
    }
}

/// An operation with this id, the key `key_ID` and the reference `ref_ID`. A call with the same id is a retry.
///
/// ```
/// assert_eq!(tillhouse_harness::order::operation("1").idempotency_key, "key_1");
/// ```
#[must_use]
pub fn operation(id: &str) -> Operation {
    testing::operation(id)
}

/// An amount in minor units; the currency is converted to upper case.
///
/// ```
/// assert_eq!(tillhouse_harness::order::money(45_98, "usd").currency, "USD");
/// ```
#[must_use]
pub fn money(minor: i64, currency: &str) -> Money {
    Money {
        minor,
        currency: currency.to_ascii_uppercase(),
    }
}
