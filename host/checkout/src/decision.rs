//! What the host asks of a merchant's plugins, and what they answer, in the domain's own types.
//!
//! They mirror the contract in `wit/merchant`; the runtime crate converts between the two. Amounts in answers are unchecked
//! (`i64`), because a plugin may answer anything: [`super::quote`] turns them into [`super::money::Amount`]s, or into an error
//! that names the broken rule.

mod fulfillment;
mod operation;
mod order;
mod page;
mod payment;
mod pricing;
mod risk;
mod stock;
mod tax;

pub use fulfillment::{FulfillmentOffer, OfferedOption, PickupPlace};
pub use operation::{Operation, Rejection};
pub use order::{OrderEvent, OrderIdentity};
pub use page::{ConsentOption, ItemDescription, Link, Page};
pub use payment::{
    CancelOutcome, ChargeLookup, ChargeOrder, ChargeOutcome, ChargePage, ListedCharge, ProcessorCapabilities,
    ProcessorEvent, ProcessorIdempotency, ProcessorProfile, ProcessorWebhook, RefundOutcome, VoidOutcome,
};
pub use pricing::{
    DiscountTarget, DiscountTerms, LineAmount, OfferedDiscount, OfferedFee, PricedCart, PricedLine, RejectedCode,
};
pub use risk::{RiskDecision, RiskRequest};
pub use stock::{Reservation, ReservationResult, Stock};
pub use tax::{AssessedTax, TaxAssessment, TaxPart, TaxRequest};
