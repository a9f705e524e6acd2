//! Risk assessment: accept, review or block an order.

pub use crate::bindings::{
    risk::exports::tillhouse::merchant::risk::{Decision, Request},
    tillhouse::{
        host::credentials::CardDisplay,
        merchant::types::{Context, Failure},
    },
};
use crate::{bindings::risk::exports::tillhouse::merchant::risk, export::Adapter};

/// Assesses an order before the credential is used. Capability `risk`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::risk::Request;
///
/// /// Marks large orders for manual review.
/// struct Careful;
///
/// impl Risk for Careful {
///     fn assess(_ctx: Context, request: Request) -> Result<Decision, Failure> {
///         let limit = config::amount_or("limit", Amount::MAX)?;
///         Ok(if request.total > limit.minor() { Decision::Review("large".into()) } else { Decision::Allow })
///     }
/// }
///
/// let _host = testing::Host::new().config("limit", "50000").install();
/// let cart = testing::cart(&[("tee", 1)]);
/// let request = Request { cart, total: 2500, billing: None, card: None, ip: None, user_agent: None, extensions: vec![] };
/// assert_eq!(Careful::assess(testing::context("USD"), request)?, Decision::Allow);
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `risk` and does not implement `Risk`",
    note = "implement `Risk` for `{Self}`, or leave `risk` out of `export!`"
)]
pub trait Risk {
    /// Decides whether to accept, review or block the order.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `kv` and `counters` to read, `egress`.
    /// Limits: 100 ms of CPU, 2 s in all, 32 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`]. To refuse an order, return [`Decision::Block`].
    fn assess(ctx: Context, request: Request) -> Result<Decision, Failure>;
}

impl<T: Risk> risk::Guest for Adapter<T> {
    fn assess(ctx: Context, request: Request) -> Result<Decision, Failure> {
        T::assess(ctx, request)
    }
}
