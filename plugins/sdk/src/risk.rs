//! Risk assessment: accept, review, challenge or block an order.

pub use crate::bindings::{
    risk::exports::tillhouse::merchant::risk::{Check, Decision, Request, Signal},
    tillhouse::{
        host::credentials::CardDisplay,
        merchant::types::{Context, Device, Failure},
    },
};
use crate::{bindings::risk::exports::tillhouse::merchant::risk, export::Adapter};

/// Assesses an order before the credential is used. Capability `risk`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::risk::Request;
///
/// /// Marks large orders for manual review, and asks for 3-D Secure where the agent cannot prove who it is.
/// struct Careful;
///
/// impl Risk for Careful {
///     fn assess(ctx: Context, request: Request) -> Result<Decision, Failure> {
///         let limit = config::amount_or("limit", Amount::MAX)?.minor();
///         Ok(match request.total {
///             total if total <= limit => Decision::Allow,
///             _ if ctx.agent.proven => Decision::Review("large".into()),
///             _ => Decision::Challenge("large, from an agent that is not proven".into()),
///         })
///     }
/// }
///
/// let _host = testing::Host::new().config("limit", "50000").install();
/// let request = Request { cart: testing::cart(&[("tee", 1)]), total: 2500, ..Request::default() };
/// assert_eq!(Careful::assess(testing::context("USD"), request)?, Decision::Allow);
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `risk` and does not implement `Risk`",
    note = "implement `Risk` for `{Self}`, or leave `risk` out of `export!`"
)]
pub trait Risk {
    /// Decides whether to accept, review, challenge or block the order.
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
