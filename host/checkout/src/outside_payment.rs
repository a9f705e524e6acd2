//! A payment that another party takes: what it asks for before, and what it reports afterwards.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::caller::Caller;
use super::cart::CartEdit;
use super::contact::Address;
use super::decision::{Adjustment, Attribution, Consent, RiskSignal};
use super::device::Device;
use super::ids::{MerchantId, ProcessorReference, SessionId};
use super::money::Money;
use super::time::Timestamp;

/// Request to hold what a checkout session buys, for a payment that the caller is about to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRequest {
    /// Who calls: the owner of the session. Its protocol names the party that takes the payment.
    pub caller: Caller,
    /// Session that is paid; must be open, or held already.
    pub session: SessionId,
    /// What the caller is about to take; `None` if it does not say, and takes what it was shown.
    pub expected: Option<Money>,
    /// The tax in it, if the caller assesses that itself and not the merchant's plugin.
    pub tax_of_caller: Option<Money>,
    /// What is done if the caller is about to take something else than what is due.
    pub difference: AmountDifference,
    /// Billing address, if the caller gave one.
    pub billing: Option<Address>,
    /// Last changes to the cart. They change the total only where the caller says what it is about to take.
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

/// What is done if another party is about to take something else than what is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AmountDifference {
    /// Nothing is held, and the party must not take the payment.
    #[default]
    Refuse,
    /// What the party takes is held, and the operator has the difference.
    Report,
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
    /// It was not, and will not be; carries why, for the operator. Another payment of the checkout may come.
    Refused(String),
    /// It was not, and the checkout is over at the party, so that no other payment of it comes; carries why, for the operator.
    Over(String),
    /// The buyer has paid, and the money comes later or not at all: the stock is held for so long.
    Pending(Duration),
}

/// What became later of a payment that another party took, as it reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideAdjustment {
    /// Merchant that was paid.
    pub merchant: MerchantId,
    /// The party's references of the one payment, whose word it is: of its intent, of its charge. At least one; each may be the one that
    /// the payment is known by here.
    pub names: Vec<ProcessorReference>,
    /// What is reported of it.
    pub what: AdjustmentReport,
}

/// What is reported of a payment later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentReport {
    /// Nothing but that its names are those of one payment: later reports may have only one of them.
    Named,
    /// A refund or a dispute, under the party's own id of it. A dispute is for the operator as well.
    Adjustment(Adjustment),
    /// How much was refunded by now, in all refunds together, under the party's reference of the charge.
    Refunded {
        /// The party's reference of the charge.
        charge: String,
        /// Sum of all refunds.
        total: Money,
        /// When it was reported.
        at: Timestamp,
    },
}

/// What an event of another party reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutsideReport {
    /// What became of a payment.
    Payment {
        /// The payment, or what became of it.
        payment: OutsidePayment,
        /// Whether a payment of a checkout that is unknown here is for the operator. It is not where the party takes other payments for the
        /// merchant as well.
        reports_unknown: bool,
    },
    /// Money went back, or may: in all of these.
    Adjustments(Vec<OutsideAdjustment>),
}
