//! Payments through the merchant's own processor.
//!
//! The plugin never receives card data: it gets a [`Credential`] handle and states where in its outgoing request the host fills
//! in each field ([`egress`](crate::egress)).

pub use self::{
    authentication::PaymentsAuthentication,
    cancel_by_reference::PaymentsCancelByReference,
    capture::PaymentsCapture,
    list::{Entry, Page, PaymentsList},
    notices::{Dispute, PaymentsNotices, ProcessorEvent, Reading, Report},
    refund::PaymentsRefund,
    void::PaymentsVoid,
};
pub use crate::{
    bindings::tillhouse::merchant::{
        payments_types::{
            Action, Approval, CancelOutcome, CaptureLookup, CaptureOutcome, ChargeLookup, ChargeOrder, Decline,
            Idempotency, Outcome, ProcessorProfile, RefundLookup, RefundOutcome, VoidLookup, VoidOutcome,
        },
        types::{Authentication, Device, Notice, Reply, ThreeDSecure},
    },
    credential::Credential,
    risk::CardDisplay,
};
use crate::{
    bindings::{payments::exports::tillhouse::merchant::payments, tillhouse::host::credentials},
    export::Adapter,
    types::{Failure, Money, Operation},
};

mod authentication;
mod cancel_by_reference;
mod capture;
mod list;
mod notices;
mod outcome;
mod refund;
mod void;

/// Charges cards and looks up charges. Capability `payments`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::types::Money;
///
/// /// Charges at `POST /charges`, and looks charges up under their reference.
/// struct Acme;
///
/// impl Payments for Acme {
///     fn profile() -> Result<ProcessorProfile, Failure> {
///         Ok(ProcessorProfile {
///             processor: "acme".into(),
///             idempotency: Some(Idempotency { header: "Idempotency-Key".into(), key_life_s: 86_400, replays_errors: true }),
///             visibility_delay_s: 60,
///             currencies: vec!["USD".into()],
///             extensions: vec![],
///         })
///     }
///
///     fn charge(op: Operation, order: ChargeOrder, credential: Credential<'_>) -> Result<Outcome, Failure> {
///         let body = format!(r#"{{"amount":{},"reference":"{}","card":null}}"#, order.amount.minor, op.reference);
///         let request = egress::post("processor", "/charges").bearer_secret("api_key").json(body);
///         let answer = match request.slots(credential, &[("/card", Slot::Number)]).send_with(credential) {
///             Ok(answer) => answer,
///             Err(error) if error.sent => return Ok(Outcome::Unknown(None)),
///             Err(error) => return Err(error.into()),
///         };
///         Ok(match answer.status {
///             201 => Outcome::captured(answer.header("x-charge").unwrap_or_default(), order.amount),
///             402 => Outcome::declined("processor_declined", false),
///             _ => Outcome::Unknown(None),
///         })
///     }
///
///     fn lookup(op: Operation, _amount: Money) -> Result<ChargeLookup, Failure> {
///         let answer = egress::get("processor", format!("/charges/{}", op.reference)).bearer_secret("api_key").send()?;
///         match answer.status {
///             404 => Ok(ChargeLookup::Absent),
///             _ => Err(Failure::Unavailable(None)),
///         }
///     }
/// }
///
/// let host = testing::Host::new().answer(402, "").install();
/// let order = testing::charge_order(Money::new(Amount::new(4598)?, "USD"));
/// let card = testing::TestCredential::with_fields(&["number"]);
/// let outcome = Acme::charge(testing::operation("1"), order, card.handle())?;
/// assert_eq!(outcome, Outcome::declined("processor_declined", false));
/// assert_eq!(host.requests().len(), 1);
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `payments` and does not implement `Payments`",
    note = "implement `Payments` for `{Self}`, or leave `payments` out of `export!`"
)]
pub trait Payments {
    /// Describes the processor. Has no side effects.
    ///
    /// May use `log`, `config`, `catalog`, `clock`.
    /// Limits: 50 ms of CPU, 2 s in all, 32 MiB of memory, no HTTP.
    ///
    /// # Errors
    /// A [`Failure`].
    fn profile() -> Result<ProcessorProfile, Failure>;

    /// Charges the card. Return [`Outcome::Unknown`] if the outcome is not known, for example after a timeout.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `egress`, `credentials`.
    /// Limits: 200 ms of CPU, 20 s in all, 64 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`] means that no request was sent; the host verifies this against the bytes that it wrote.
    fn charge(op: Operation, order: ChargeOrder, credential: Credential<'_>) -> Result<Outcome, Failure>;

    /// Looks up the status of the charge with this operation's reference at the processor.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `egress`.
    /// Limits: 200 ms of CPU, 10 s in all, 64 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`]; the host retries.
    fn lookup(op: Operation, amount: Money) -> Result<ChargeLookup, Failure>;
}

impl<T: Payments> payments::Guest for Adapter<T> {
    fn profile() -> Result<ProcessorProfile, Failure> {
        T::profile()
    }

    fn charge(op: Operation, order: ChargeOrder, credential: &credentials::Credential) -> Result<Outcome, Failure> {
        T::charge(op, order, Credential::of_host(credential))
    }

    fn lookup(op: Operation, amount: Money) -> Result<ChargeLookup, Failure> {
        T::lookup(op, amount)
    }
}
