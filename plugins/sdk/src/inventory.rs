//! Inventory: stock levels and reservations.

pub use crate::bindings::tillhouse::merchant::{
    inventory_types::{Reservation, ReserveOutcome, Stock},
    types::{Context, Failure, Line, Operation},
};
use crate::{bindings::inventory::exports::tillhouse::merchant::inventory, export::Adapter};

/// Reports and reserves stock. Capability `inventory`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::catalog::Item;
///
/// /// Takes stock levels from the catalog.
/// struct Shelf;
///
/// impl Inventory for Shelf {
///     fn check(_ctx: Context, lines: Vec<Line>) -> Result<Vec<Stock>, Failure> {
///         let ids: Vec<String> = lines.iter().map(|line| line.item.clone()).collect();
///         let known = lines.into_iter().zip(catalog::get(&ids));
///         Ok(known.filter_map(|(line, item)| Some(Stock::counted(line.id, item?.inventory?))).collect())
///     }
/// }
///
/// let tee = Item { inventory: Some(3), ..testing::item("tee", 2500) };
/// let _host = testing::Host::new().item(tee).install();
/// let stock = Shelf::check(testing::context("USD"), testing::cart(&[("tee", 1)]).lines)?;
/// assert_eq!(stock, [Stock::counted("line_1", 3)]);
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `inventory` and does not implement `Inventory`",
    note = "implement `Inventory` for `{Self}`, or leave `inventory` out of `export!`"
)]
pub trait Inventory {
    /// Returns the stock level of each line; lines with an unknown item may be omitted. Has no side effects.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `kv` and `counters` to read.
    /// Limits: 50 ms of CPU, 2 s in all, 32 MiB of memory, no HTTP.
    ///
    /// # Errors
    /// A [`Failure`]. Report an item that is out of stock in the answer, not as a failure.
    fn check(ctx: Context, lines: Vec<Line>) -> Result<Vec<Stock>, Failure>;

    /// Reserves stock, all lines or none, idempotent per reservation id.
    ///
    /// The default implementation reserves nothing: it checks the lines again and accepts them if they are available. That is
    /// sufficient for stock that is not counted. If `check` returns quantities, implement this function and
    /// [`release`](Inventory::release); otherwise two buyers can be promised the same last unit, and the conformance suite
    /// fails.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `kv` and `counters`, `egress`.
    /// Limits: 100 ms of CPU, 2 s in all, 32 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`]. Lines that are not available are [`ReserveOutcome::Insufficient`].
    fn reserve(ctx: Context, op: Operation, reservation: Reservation) -> Result<ReserveOutcome, Failure> {
        let _ = op;
        let wanted = reservation.lines.clone();
        let short: Vec<Stock> = Self::check(ctx, reservation.lines)?
            .into_iter()
            .filter(|stock| {
                let quantity = wanted
                    .iter()
                    .find(|line| line.id == stock.line)
                    .map_or(0, |line| u64::from(line.quantity));
                stock.availability == "out_of_stock" || stock.available.is_some_and(|available| available < quantity)
            })
            .collect();
        Ok(if short.is_empty() {
            ReserveOutcome::Reserved
        } else {
            ReserveOutcome::Insufficient(short)
        })
    }

    /// Releases a reservation. The default implementation does nothing.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `kv` and `counters`, `egress`.
    /// Limits: 100 ms of CPU, 2 s in all, 32 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`]. A reservation that does not exist or was already released is not an error.
    fn release(ctx: Context, op: Operation, reservation: Reservation) -> Result<(), Failure> {
        let _ = (ctx, op, reservation);
        Ok(())
    }
}

impl<T: Inventory> inventory::Guest for Adapter<T> {
    fn check(ctx: Context, lines: Vec<Line>) -> Result<Vec<Stock>, Failure> {
        T::check(ctx, lines)
    }

    fn reserve(ctx: Context, op: Operation, reservation: Reservation) -> Result<ReserveOutcome, Failure> {
        T::reserve(ctx, op, reservation)
    }

    fn release(ctx: Context, op: Operation, reservation: Reservation) -> Result<(), Failure> {
        T::release(ctx, op, reservation)
    }
}

impl Stock {
    /// Creates a counted stock level: `out_of_stock` if `available` is 0, otherwise `in_stock`.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Stock::counted("line_1", 3).availability, "in_stock");
    /// assert_eq!(Stock::counted("line_1", 0).availability, "out_of_stock");
    /// ```
    #[must_use]
    pub fn counted(line: impl Into<String>, available: u64) -> Self {
        let availability = if available == 0 { "out_of_stock" } else { "in_stock" };
        Self::with(line, availability, Some(available))
    }

    /// Creates a stock level for an item that is in stock and not counted.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Stock::uncounted("line_1").available, None);
    /// ```
    #[must_use]
    pub fn uncounted(line: impl Into<String>) -> Self {
        Self::with(line, "in_stock", None)
    }

    /// Creates a stock level with one of the contract's availability values.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let few = Stock::with("line_1", "low_stock", Some(2));
    /// assert_eq!(few.available, Some(2));
    /// ```
    #[must_use]
    pub fn with(line: impl Into<String>, availability: &str, available: Option<u64>) -> Self {
        Self {
            line: line.into(),
            availability: availability.into(),
            available,
            available_from: None,
            extensions: Vec::new(),
        }
    }
}
