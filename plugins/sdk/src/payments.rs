//! Payments through the merchant's own processor.
//!
//! The plugin never receives card data: it gets a [`Credential`] handle and states where in its outgoing request the host fills
//! in each field ([`egress`](crate::egress)).

pub use crate::bindings::{
    payments::exports::tillhouse::merchant::payments::{ChargeOrder, Finding, Idempotency, ProcessorProfile},
    payments_cancel_by_reference::exports::tillhouse::merchant::payments_cancel_by_reference::CancelOutcome,
    payments_capture::exports::tillhouse::merchant::payments_capture::CaptureOutcome,
    payments_list::exports::tillhouse::merchant::payments_list::{Entry, Page},
    payments_notices::exports::tillhouse::merchant::payments_notices::{News, Notice},
    payments_refund::exports::tillhouse::merchant::payments_refund::RefundOutcome,
    payments_void::exports::tillhouse::merchant::payments_void::VoidOutcome,
    tillhouse::merchant::types::{Action, Approval, Decline, Outcome},
};
pub use crate::credential::Credential;
use crate::types::{Failure, Money, Operation};

mod adapter;

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
///     fn lookup(op: Operation, _amount: Money) -> Result<Finding, Failure> {
///         let answer = egress::get("processor", format!("/charges/{}", op.reference)).bearer_secret("api_key").send()?;
///         match answer.status {
///             404 => Ok(Finding::Absent),
///             _ => Err(Failure::Unavailable(None)),
///         }
///     }
/// }
///
/// let host = testing::Host::new().answer(402, "").install();
/// let order = ChargeOrder {
///     session: "cs_1".into(),
///     order: "ord_1".into(),
///     amount: Money { minor: 4598, currency: "USD".into() },
///     statement: None,
///     billing: None,
///     shipping: None,
///     email: None,
///     extensions: vec![],
/// };
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
    fn lookup(op: Operation, amount: Money) -> Result<Finding, Failure>;
}

/// Voids authorizations before capture, or charges before settlement. Capability `payments_void`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::payments::VoidOutcome;
///
/// struct Acme;
///
/// impl PaymentsVoid for Acme {
///     fn void(op: Operation, processor_reference: String) -> Result<VoidOutcome, Failure> {
///         let answer = egress::post("processor", format!("/charges/{processor_reference}/void")).idempotency("Idempotency-Key", &op).send()?;
///         Ok(match answer.status {
///             200 => VoidOutcome::Voided,
///             _ => VoidOutcome::Unknown,
///         })
///     }
/// }
///
/// let _host = testing::Host::new().answer(200, "").answer(503, "").install();
/// assert_eq!(Acme::void(testing::operation("1"), "ch_1".into())?, VoidOutcome::Voided);
/// assert_eq!(Acme::void(testing::operation("1"), "ch_1".into())?, VoidOutcome::Unknown);
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `payments_void` and does not implement `PaymentsVoid`",
    note = "implement `PaymentsVoid` for `{Self}`, or leave `payments_void` out of `export!`"
)]
pub trait PaymentsVoid {
    /// Voids the charge with this processor reference.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `egress`.
    /// Limits: 200 ms of CPU, 10 s in all, 64 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`].
    fn void(op: Operation, processor_reference: String) -> Result<VoidOutcome, Failure>;
}

/// Refunds captured charges. Capability `payments_refund`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::payments::RefundOutcome;
///
/// struct Acme;
///
/// impl PaymentsRefund for Acme {
///     fn refund(op: Operation, processor_reference: String, amount: Money) -> Result<RefundOutcome, Failure> {
///         let answer = egress::post("processor", format!("/charges/{processor_reference}/refunds"))
///             .idempotency("Idempotency-Key", &op)
///             .json(format!(r#"{{"amount":{}}}"#, amount.minor)).send()?;
///         Ok(match answer.status {
///             201 => RefundOutcome::Refunded(answer.header("x-refund").unwrap_or_default().into()),
///             _ => RefundOutcome::Unknown,
///         })
///     }
/// }
///
/// let _host = testing::Host::new().answer(201, "").install();
/// let refunded = Acme::refund(testing::operation("1"), "ch_1".into(), Money::new(Amount::new(500)?, "USD"))?;
/// assert!(matches!(refunded, RefundOutcome::Refunded(_)));
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `payments_refund` and does not implement `PaymentsRefund`",
    note = "implement `PaymentsRefund` for `{Self}`, or leave `payments_refund` out of `export!`"
)]
pub trait PaymentsRefund {
    /// Refunds part or all of the charge with this processor reference.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `egress`.
    /// Limits: 200 ms of CPU, 10 s in all, 64 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`].
    fn refund(op: Operation, processor_reference: String, amount: Money) -> Result<RefundOutcome, Failure>;
}

/// Captures authorized amounts. Capability `payments_capture`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::payments::CaptureOutcome;
///
/// struct Acme;
///
/// impl PaymentsCapture for Acme {
///     fn capture(op: Operation, processor_reference: String, amount: Money) -> Result<CaptureOutcome, Failure> {
///         let answer = egress::post("processor", format!("/charges/{processor_reference}/capture"))
///             .idempotency("Idempotency-Key", &op)
///             .json(format!(r#"{{"amount":{}}}"#, amount.minor)).send()?;
///         Ok(match answer.status {
///             200 => CaptureOutcome::Captured,
///             _ => CaptureOutcome::Unknown,
///         })
///     }
/// }
///
/// let _host = testing::Host::new().answer(200, "").install();
/// let captured = Acme::capture(testing::operation("1"), "ch_1".into(), Money::new(Amount::new(500)?, "USD"))?;
/// assert_eq!(captured, CaptureOutcome::Captured);
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `payments_capture` and does not implement `PaymentsCapture`",
    note = "implement `PaymentsCapture` for `{Self}`, or leave `payments_capture` out of `export!`"
)]
pub trait PaymentsCapture {
    /// Captures part or all of the authorization with this processor reference.
    ///
    /// # Errors
    /// A [`Failure`].
    fn capture(op: Operation, processor_reference: String, amount: Money) -> Result<CaptureOutcome, Failure>;
}

/// Resolves an unknown outcome by canceling the charge by its reference. Capability `payments_cancel_by_reference`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::payments::CancelOutcome;
///
/// struct Acme;
///
/// impl PaymentsCancelByReference for Acme {
///     fn cancel_by_reference(op: Operation) -> Result<CancelOutcome, Failure> {
///         let answer = egress::post("processor", "/cancellations")
///             .idempotency("Idempotency-Key", &op)
///             .json(format!(r#"{{"reference":"{}"}}"#, op.reference)).send()?;
///         Ok(match answer.status {
///             200 => CancelOutcome::Canceled,
///             _ => CancelOutcome::Unknown,
///         })
///     }
/// }
///
/// let _host = testing::Host::new().answer(200, "").install();
/// assert_eq!(Acme::cancel_by_reference(testing::operation("1"))?, CancelOutcome::Canceled);
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `payments_cancel_by_reference` and does not implement `PaymentsCancelByReference`",
    note = "implement `PaymentsCancelByReference` for `{Self}`, or leave `payments_cancel_by_reference` out of `export!`"
)]
pub trait PaymentsCancelByReference {
    /// Cancels the charge with the operation's reference, or prevents it if the processor has not received it yet.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `egress`.
    /// Limits: 200 ms of CPU, 10 s in all, 64 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`].
    fn cancel_by_reference(op: Operation) -> Result<CancelOutcome, Failure>;
}

/// Lists charges, for reconciliation. Capability `payments_list`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::payments::Page;
///
/// struct Acme;
///
/// impl PaymentsList for Acme {
///     fn list_charges(_op: Operation, since: u64, until: u64, cursor: Option<String>) -> Result<Page, Failure> {
///         let request = egress::get("processor", "/charges").query("since", since.to_string()).query("until", until.to_string());
///         let request = cursor.into_iter().fold(request, |request, cursor| request.query("after", cursor));
///         match request.send()?.status {
///             200 => Ok(Page { entries: vec![], next: None }), // parse the body here
///             _ => Err(Failure::Unavailable(None)), // never return an empty page for an error
///         }
///     }
/// }
///
/// let _host = testing::Host::new().answer(503, "").install();
/// assert!(Acme::list_charges(testing::operation("1"), 0, 1, None).is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `payments_list` and does not implement `PaymentsList`",
    note = "implement `PaymentsList` for `{Self}`, or leave `payments_list` out of `export!`"
)]
pub trait PaymentsList {
    /// Lists charges created in a time range, starting at the cursor.
    ///
    /// `since` is inclusive, `until` exclusive; both are epoch milliseconds.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `egress`.
    /// Limits: 200 ms of CPU, 10 s in all, 64 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`].
    fn list_charges(op: Operation, since: u64, until: u64, cursor: Option<String>) -> Result<Page, Failure>;
}

/// Reads processor events (webhooks of the payment processor). Capability `payments_notices`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::payments::{News, Notice};
///
/// struct Acme;
///
/// impl PaymentsNotices for Acme {
///     fn read(notice: Notice) -> Result<Vec<News>, Failure> {
///         let signature = notice.headers.iter().find(|(name, _)| name == "acme-signature");
///         match signature {
///             Some(_) => Ok(vec![]), // verify the signature and parse the body here
///             None => Err(Failure::rejected("forged", Subject::session(), "The event is not signed.")),
///         }
///     }
/// }
///
/// assert!(Acme::read(Notice { headers: vec![], body: vec![] }).is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `payments_notices` and does not implement `PaymentsNotices`",
    note = "implement `PaymentsNotices` for `{Self}`, or leave `payments_notices` out of `export!`"
)]
pub trait PaymentsNotices {
    /// Verifies the signature of a processor event and parses it.
    ///
    /// May use `log`, `config`, `catalog`, `clock`.
    /// Limits: 50 ms of CPU, 2 s in all, 32 MiB of memory, no HTTP.
    ///
    /// # Errors
    /// [`Failure::Rejected`] if the signature is missing or invalid.
    fn read(notice: Notice) -> Result<Vec<News>, Failure>;
}

impl Outcome {
    /// Creates the outcome of an approved and captured charge.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let outcome = Outcome::captured("ch_1", Money::new(Amount::new(4598)?, "USD"));
    /// assert!(matches!(outcome, Outcome::Approved(approval) if approval.captured));
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn captured(processor_reference: impl Into<String>, amount: Money) -> Self {
        let processor_reference = processor_reference.into();
        Self::Approved(Approval {
            processor_reference,
            amount,
            captured: true,
            extensions: Vec::new(),
        })
    }

    /// Creates a decline with one of the contract's codes.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let outcome = Outcome::declined("insufficient_funds", false);
    /// assert!(matches!(outcome, Outcome::Declined(decline) if !decline.retryable));
    /// ```
    #[must_use]
    pub fn declined(code: impl Into<String>, retryable: bool) -> Self {
        Self::Declined(Decline {
            code: code.into(),
            retryable,
            extensions: Vec::new(),
        })
    }
}
