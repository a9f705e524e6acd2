//! Whether to take an order at all.

pub use crate::bindings::{
    risk::exports::tillhouse::merchant::risk::{Decision, Request},
    tillhouse::{
        host::credentials::CardDisplay,
        merchant::types::{Context, Failure},
    },
};
use crate::{bindings::risk::exports::tillhouse::merchant::risk, export::Adapter};

/// Judges an order before the credential is used. Capability `risk`.
pub trait Risk {
    /// Assesses. May use `egress`.
    ///
    /// # Errors
    /// A [`Failure`]; an order that is not wanted is [`Decision::Block`].
    fn assess(ctx: Context, request: Request) -> Result<Decision, Failure>;
}

impl<T: Risk> risk::Guest for Adapter<T> {
    fn assess(ctx: Context, request: Request) -> Result<Decision, Failure> {
        T::assess(ctx, request)
    }
}
