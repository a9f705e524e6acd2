//! Orders: their ids, and notifications about their events.

pub use crate::bindings::{
    orders::exports::tillhouse::merchant::orders::{Draft, Event, Identity},
    tillhouse::merchant::types::{Context, Failure, Operation},
};
use crate::{bindings::orders::exports::tillhouse::merchant::orders, export::Adapter};

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
///         Ok(Identity { permalink: format!("https://shop.example/orders/{id}"), number: None, id })
///     }
/// }
///
/// let total = Money::new(Amount::ZERO, "USD");
/// let draft = Draft { cart: testing::cart(&[]), total, extensions: vec![] };
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

    /// Receives an order event; each event is delivered at least once. The default implementation does nothing.
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

impl<T: Orders> orders::Guest for Adapter<T> {
    fn identify(ctx: Context, op: Operation, draft: Draft) -> Result<Identity, Failure> {
        T::identify(ctx, op, draft)
    }

    fn notify(ctx: Context, op: Operation, event: Event) -> Result<(), Failure> {
        T::notify(ctx, op, event)
    }
}
