//! Checkout sessions that end without an order.

pub use crate::bindings::{
    sessions::exports::tillhouse::merchant::sessions::End,
    tillhouse::merchant::{
        orders_types::Attribution,
        types::{Cart, Context, Failure, Operation},
    },
};
use crate::{bindings::sessions::exports::tillhouse::merchant::sessions, export::Adapter};

/// Learns of sessions that ended without an order. Capability `sessions`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::sessions::End;
///
/// /// Tells the merchant's own system why buyers leave.
/// struct Reasons;
///
/// impl Sessions for Reasons {
///     fn ended(_ctx: Context, op: Operation, end: End) -> Result<(), Failure> {
///         let Some(reason) = end.reason else { return Ok(()) };
///         let request = egress::post("crm", "/abandoned").idempotency("Idempotency-Key", &op);
///         match request.json(format!(r#"{{"reason":"{reason}"}}"#)).send()?.status {
///             200..=299 => Ok(()),
///             _ => Err(Failure::Unavailable(None)),
///         }
///     }
/// }
///
/// let host = testing::Host::new().answer(202, "").install();
/// let end = End { reason: Some("shipping_cost".into()), ..End::new("canceled", testing::cart(&[("tee", 1)])) };
/// Reasons::ended(testing::context("USD"), testing::operation("1"), end)?;
/// assert_eq!(host.requests().len(), 1);
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `sessions` and does not implement `Sessions`",
    note = "implement `Sessions` for `{Self}`, or leave `sessions` out of `export!`"
)]
pub trait Sessions {
    /// Learns that a session was canceled or has expired; each end is delivered at least once.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `kv` and `counters` to read, `egress`.
    /// Limits: 100 ms of CPU, 2 s in all, 32 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`]; the host retries.
    fn ended(ctx: Context, op: Operation, end: End) -> Result<(), Failure>;
}

impl<T: Sessions> sessions::Guest for Adapter<T> {
    fn ended(ctx: Context, op: Operation, end: End) -> Result<(), Failure> {
        T::ended(ctx, op, end)
    }
}

impl End {
    /// Creates the end of a session, `canceled` or `expired`, of which nothing else is known.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// use tillhouse_plugin::sessions::End;
    ///
    /// assert_eq!(End::new("expired", Cart::default()).reason, None);
    /// ```
    #[must_use]
    pub fn new(how: &str, cart: Cart) -> Self {
        Self {
            how: how.into(),
            cart,
            reason: None,
            summary: None,
            metadata: Vec::new(),
            attributions: Vec::new(),
            extensions: Vec::new(),
        }
    }
}
