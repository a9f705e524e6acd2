//! A payment that another party takes: what it asks for before, and what it reports afterwards.

use std::time::Duration;

use super::caller::Caller;
use super::cart::CartEdit;
use super::contact::Address;
use super::decision::{Attribution, Consent, RiskSignal};
use super::device::Device;
use super::ids::{ProcessorReference, SessionId};
use super::money::Money;

/// Request to hold what a checkout session buys, for a payment that the caller is about to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRequest {
    /// Who calls: the owner of the session. Its protocol names the party that takes the payment.
    pub caller: Caller,
    /// Session that is paid; must be open, or held already.
    pub session: SessionId,
    /// What the caller is about to take; `None` if it does not say, and takes what it was shown.
    pub expected: Option<Money>,
    /// Billing address, if the caller gave one.
    pub billing: Option<Address>,
    /// Last changes to the cart: buyer and notes only, nothing that changes the total.
    pub edit: CartEdit,
    /// Device of the buyer.
    pub device: Device,
    /// Assessments of the payment by the caller or by other systems.
    pub signals: Vec<RiskSignal>,
    /// The buyer's answers to the marketing consents that were offered.
    pub consents: Vec<Consent>,
    /// Affiliate that led the buyer to pay, if the caller names one.
    pub attribution: Option<Attribution>,
    /// How long the stock is held.
    pub hold_for: Duration,
}

/// What another party reports of a payment that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsidePayment {
    /// Who reports: the owner of the session.
    pub caller: Caller,
    /// Session that was to be paid.
    pub session: SessionId,
    /// The party's own reference of the payment; `None` if it names none.
    pub reference: Option<ProcessorReference>,
    /// What was paid; `None` if the party does not say.
    pub amount: Option<Money>,
    /// What became of it.
    pub result: OutsideResult,
}

/// What became of a payment that another party takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutsideResult {
    /// The money was taken, or is authorised.
    Paid,
    /// It was not, and will not be; carries why, for the operator.
    Refused(String),
}
