//! Requirements of the merchant for a 3-D Secure authentication before the charge.

use super::{CardDisplay, ChargeOrder, Failure, Operation, ThreeDSecure};
use crate::{
    bindings::payments_authentication::exports::tillhouse::merchant::payments_authentication, export::Adapter,
};

/// States what an agent needs to authenticate the buyer with 3-D Secure. Capability `payments_authentication`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::{payments::{CardDisplay, ThreeDSecure}, types::Operation};
///
/// /// Asks for an authentication of large payments by cards of Visa.
/// struct Acme;
///
/// impl PaymentsAuthentication for Acme {
///     fn requirements(
///         _op: Operation,
///         order: ChargeOrder,
///         card: Option<CardDisplay>,
///     ) -> Result<Option<ThreeDSecure>, Failure> {
///         let visa = card.is_some_and(|card| card.brand.as_deref() == Some("visa"));
///         Ok((visa && order.amount.minor > 10_000).then(|| ThreeDSecure {
///             acquirer_bin: "412345".into(),
///             acquirer_country: "DE".into(),
///             merchant_id: "acme".into(),
///             merchant_name: "Acme".into(),
///             requestor_id: None,
///             directory_server: "visa".into(),
///             flow: None,
///             extensions: vec![],
///         }))
///     }
/// }
///
/// let order = testing::charge_order(Money::new(Amount::new(4598)?, "EUR"));
/// assert_eq!(Acme::requirements(testing::operation("1"), order, None)?, None);
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `payments_authentication` and does not implement `PaymentsAuthentication`",
    note = "implement `PaymentsAuthentication` for `{Self}`, or leave `payments_authentication` out of `export!`"
)]
pub trait PaymentsAuthentication {
    /// States what the agent needs to authenticate the buyer; `None` if this payment needs no authentication.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `egress`.
    /// Limits: 200 ms of CPU, 10 s in all, 64 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`].
    fn requirements(
        op: Operation,
        order: ChargeOrder,
        card: Option<CardDisplay>,
    ) -> Result<Option<ThreeDSecure>, Failure>;
}

impl<T: PaymentsAuthentication> payments_authentication::Guest for Adapter<T> {
    fn requirements(
        op: Operation,
        order: ChargeOrder,
        card: Option<CardDisplay>,
    ) -> Result<Option<ThreeDSecure>, Failure> {
        T::requirements(op, order, card)
    }
}
