//! The ledgers of all parties, as read after a run.

use super::event::ShownCheckout;

/// Ledgers of the processor, of Stripe, of the shop, of the webhook receiver and of the host.
#[derive(Clone, Debug, Default)]
pub struct Ledgers {
    /// Processor: every charge that was captured and not refunded.
    pub charges: Vec<Charge>,
    /// Adyen: every payment that it has made itself.
    pub outside: Vec<OutsidePayment>,
    /// Stripe: every payment that was reported as successful.
    pub reports: Vec<Report>,
    /// Shop: every item with counted stock.
    pub stock: Vec<StockItem>,
    /// Agent: every webhook that arrived. `None` if the run had no receiver.
    pub deliveries: Option<Vec<Delivery>>,
    /// Host: every payment attempt.
    pub attempts: Vec<Attempt>,
    /// The final state of every checkout.
    pub final_states: Vec<FinalState>,
    /// Texts that must not be found at rest.
    pub secrets: Vec<Secret>,
    /// What is searched for secrets.
    pub places: Vec<SearchedPlace>,
}

/// A captured charge in the processor's ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The host's reference of the attempt, as sent to the processor.
    pub reference: String,
    /// Captured amount in minor units.
    pub amount: i64,
    /// Lower-case ISO 4217 code.
    pub currency: String,
}

/// A payment that another party made, and reported to the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsidePayment {
    /// The party's reference of the payment.
    pub reference: String,
    /// Id of the checkout that it was made for.
    pub checkout: String,
    /// Paid amount in minor units.
    pub amount: i64,
    /// What the host has of it.
    pub kept: Kept,
}

/// What a host has of a payment that another party made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It has paid the order.
    Order,
    /// It is a discrepancy, which the operator finds.
    Discrepancy,
    /// Nothing: the money is lost.
    Nothing,
}

/// A payment that was reported to Stripe as successful.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The host's reference of the attempt.
    pub reference: String,
    /// Guaranteed amount in minor units.
    pub amount: i64,
    /// Lower-case ISO 4217 code.
    pub currency: String,
}

/// An item with counted stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockItem {
    /// Name of the merchant that sells it.
    pub tenant: String,
    /// Id of the item in the catalog.
    pub item: String,
    /// Initial stock, in units.
    pub start: i64,
    /// Available units after the run.
    pub left: i64,
}

/// A webhook delivery that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Id of the order in the event.
    pub order: String,
    /// Id of the event, the same for every retry.
    pub event: String,
    /// Whether the receiver answered with success.
    pub accepted: bool,
}

/// A payment attempt, as stored by the host after recovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The attempt's reference at the processor.
    pub reference: String,
    /// Id of the checkout that it pays.
    pub checkout: String,
    /// Whether it was ever recorded as charging.
    pub charging: bool,
}

/// The final state of a checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalState {
    /// Name of the merchant that was asked.
    pub tenant: String,
    /// The checkout, as the response shows it.
    pub shown: ShownCheckout,
    /// Whether its deadline has passed.
    pub overdue: bool,
    /// Whether it waits for manual settlement.
    pub in_review: bool,
}

/// A text that must not be stored anywhere.
#[derive(Clone, Debug)]
pub struct Secret {
    /// What kind of secret it is, for the report.
    pub name: String,
    /// The secret itself, as raw text.
    pub text: String,
}

/// A file or table to be searched.
#[derive(Clone, Debug)]
pub struct SearchedPlace {
    /// Its path or table name, for the report.
    pub name: String,
    /// Its contents as stored.
    pub bytes: Vec<u8>,
}
