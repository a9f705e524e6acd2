//! Discrepancies: where the host's ledger and that of a payment processor disagree.

use serde::{Deserialize, Serialize};

use super::ids::{AttemptId, MerchantId};
use super::named_value::named_value;
use super::time::Timestamp;

named_value! {
    /// How the two ledgers disagree.
    pub enum DiscrepancyKind {
        /// The processor took another amount than the one that was due.
        AmountDiffers = "amount_differs",
        /// The processor has a charge that no approved attempt explains.
        ChargedElsewhere = "charged_elsewhere",
        /// The processor took the money of one attempt more than once.
        ChargedTwice = "charged_twice",
        /// An attempt is approved here and the processor has no such charge.
        MissingAtProcessor = "missing_at_processor",
        /// The processor has the charge under another reference.
        ReferenceDiffers = "reference_differs",
        /// The processor's reference belongs to another attempt.
        ReferenceSeen = "reference_seen",
        /// Money was taken and the order cannot be made; it is being voided or refunded.
        ChargedWithoutOrder = "charged_without_order",
        /// A charge that has to be reversed could be neither voided nor refunded.
        CannotReverse = "cannot_give_back",
        /// The outcome of a charge stayed unknown for longer than the configured time.
        OutcomeUnknown = "outcome_unknown",
        /// The merchant has another processor now than the one that the charge was sent to.
        ProcessorChanged = "processor_changed",
        /// An attempt is open and its checkout session is not being paid by it.
        SessionMoved = "session_moved",
        /// The outcome of a refund stayed unknown for longer than the configured time, or the refund cannot be made by the host.
        RefundUnknown = "refund_unknown",
        /// The processor says of a settled refund something else than what it was settled by.
        RefundContradicted = "refund_contradicted",
        /// The processor has refunded another amount of a charge than the host.
        RefundDiffers = "refund_differs",
        /// The merchant's own system reports of an order what the host's order does not allow.
        OrderDiffers = "order_differs",
        /// Another party reports a second payment of one checkout.
        PaidTwice = "paid_twice",
        /// Another party reports a payment of a checkout that was canceled, has expired, or whose hold is over.
        PaidAfterEnd = "paid_after_end",
        /// A payment of another party made an order for which there is no stock.
        Oversold = "oversold",
        /// A payment of another party made an order that the shop had not offered for payment.
        PaidUnoffered = "paid_unoffered",
        /// The buyer or the issuer disputes a charge.
        Disputed = "disputed",
    }
}

/// Our ledger and that of a processor disagree. Found by reconciliation or during recovery; an operator has to look at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discrepancy {
    /// Merchant whose money it is.
    pub merchant: MerchantId,
    /// How the two ledgers disagree.
    pub kind: DiscrepancyKind,
    /// Reference of the processor or of the host that it is about; of a dispute, with its status. One discrepancy is kept per kind and
    /// subject.
    pub subject: String,
    /// The attempt that it is about; `None` where the host has none.
    pub attempt: Option<AttemptId>,
    /// What differs, as a sentence for the operator.
    pub detail: String,
    /// When it was first found.
    pub found: Timestamp,
}
