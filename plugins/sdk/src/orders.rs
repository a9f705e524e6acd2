//! Orders: their ids, notifications about their events, and changes that the merchant's own system reports.

pub use crate::bindings::{
    orders_notices::exports::tillhouse::merchant::orders_notices::{Change, Confirmation, OrderChange, Reading},
    tillhouse::merchant::{
        orders_types::{
            Adjustment, Attribution, Consent, DigitalDelivery, Draft, Event, Fulfillment, FulfillmentEvent, Identity,
            LineUnits, OrderLine, OrderPayment, OrderState,
        },
        types::{Context, Failure, Notice, Operation, Reply},
    },
};
use crate::{
    bindings::{
        orders::exports::tillhouse::merchant::orders, orders_notices::exports::tillhouse::merchant::orders_notices,
    },
    export::Adapter,
};

mod change;

/// Assigns order ids and receives order events. Capability `orders`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// struct Numbers;
///
/// impl Orders for Numbers {
///     fn identify(_ctx: Context, op: Operation, _draft: Draft) -> Result<Identity, Failure> {
///         // Derived from the operation, so that retries get the same id.
///         let id = format!("ord-{}", op.id);
///         Ok(Identity::new(&id, format!("https://shop.example/orders/{id}")))
///     }
/// }
///
/// let draft = testing::draft(testing::cart(&[("tee", 1)]), Money::new(Amount::new(2500)?, "USD"));
/// assert_eq!(Numbers::identify(testing::context("USD"), testing::operation("7"), draft)?.id, "ord-7");
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `orders` and does not implement `Orders`",
    note = "implement `Orders` for `{Self}`, or leave `orders` out of `export!`"
)]
pub trait Orders {
    /// Assigns an id to the order before it is paid; retries of the operation must get the same id.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `kv` and `counters`.
    /// Limits: 100 ms of CPU, 2 s in all, 32 MiB of memory, no HTTP.
    ///
    /// # Errors
    /// A [`Failure`] stops the completion before any money moves.
    fn identify(ctx: Context, op: Operation, draft: Draft) -> Result<Identity, Failure>;

    /// Receives an order event with the whole order; each event is delivered at least once.
    ///
    /// The default implementation does nothing. Ignore kinds of events that the plugin does not know.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `kv` and `counters` to read, `egress`.
    /// Limits: 100 ms of CPU, 2 s in all, 32 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`]; the host retries.
    fn notify(ctx: Context, op: Operation, event: Event) -> Result<(), Failure> {
        let _ = (ctx, op, event);
        Ok(())
    }
}

/// Reads changes of orders that the merchant's own system reports: shipments, refunds. Capability `orders_notices`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::orders::{Fulfillment, OrderChange, Reading};
///
/// /// Reads `ORDER,PARCEL` from a warehouse that authenticates with a fixed token.
/// struct Warehouse;
///
/// impl OrdersNotices for Warehouse {
///     fn read(notice: Notice) -> Result<Reading, Failure> {
///         let forged = || Failure::rejected("forged", Subject::session(), "The notice is not signed.");
///         let token = config::required("warehouse-token")?;
///         notice.header("x-token").filter(|given| *given == token).ok_or_else(forged)?;
///         let text = String::from_utf8_lossy(&notice.body).into_owned();
///         let (order, parcel) = text.split_once(',').ok_or(Failure::Unsupported)?;
///         let shipped = Fulfillment::new(parcel, "shipping", "shipped", clock::now());
///         Ok(Reading::of(vec![OrderChange::fulfilled(parcel, order, shipped)]))
///     }
/// }
///
/// let _host = testing::Host::new().config("warehouse-token", "4f2a").install();
/// let reading = Warehouse::read(testing::notice(&[("x-token", "4f2a")], "ord_1,parcel_9"))?;
/// assert_eq!(reading.changes[0].order, "ord_1");
/// assert!(Warehouse::read(testing::notice(&[], "ord_1,parcel_9")).is_err());
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `orders_notices` and does not implement `OrdersNotices`",
    note = "implement `OrdersNotices` for `{Self}`, or leave `orders_notices` out of `export!`"
)]
pub trait OrdersNotices {
    /// Verifies a notice of the merchant's own system and parses it.
    ///
    /// May use `log`, `config`, `catalog`, `clock`.
    /// Limits: 50 ms of CPU, 2 s in all, 32 MiB of memory, no HTTP.
    ///
    /// # Errors
    /// [`Failure::Rejected`] if the signature is missing or invalid.
    fn read(notice: Notice) -> Result<Reading, Failure>;
}

impl<T: Orders> orders::Guest for Adapter<T> {
    fn identify(ctx: Context, op: Operation, draft: Draft) -> Result<Identity, Failure> {
        T::identify(ctx, op, draft)
    }

    fn notify(ctx: Context, op: Operation, event: Event) -> Result<(), Failure> {
        T::notify(ctx, op, event)
    }
}

impl<T: OrdersNotices> orders_notices::Guest for Adapter<T> {
    fn read(notice: Notice) -> Result<Reading, Failure> {
        T::read(notice)
    }
}

impl Identity {
    /// Creates an identity of an id and the page of the order; the number shown to people is set by update.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let identity = Identity { number: Some("1042".into()), ..Identity::new("ord_7", "https://shop.example/orders/ord_7") };
    /// assert_eq!(identity.id, "ord_7");
    /// ```
    #[must_use]
    pub fn new(id: impl Into<String>, permalink: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            number: None,
            permalink: permalink.into(),
            confirmation: None,
            extensions: Vec::new(),
        }
    }
}
