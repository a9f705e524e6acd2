//! The questions that the host asks of a merchant's plugin, and its answers, in the domain's own types.
//!
//! They mirror the contract in `wit/merchant`; `plugin/api` converts. Amounts arrive unchecked (`i64`), because a plugin may
//! say anything: [`super::quote`] is where they become [`super::money::Amount`]s or an error that names the rule.

mod fulfillment;
mod operation;
mod order;
mod page;
mod payment;
mod pricing;
mod risk;
mod stock;
mod tax;

pub use fulfillment::{Offer, OfferedOption, Place};
pub use operation::{Operation, Rejection};
pub use order::{OrderEvent, OrderIdentity};
pub use page::{ConsentOption, Description, Link, Page};
pub use payment::{
    CancelOutcome, ChargeOrder, ChargeOutcome, ChargePage, Finding, ListedCharge, News, Notice, ProcessorIdempotency,
    ProcessorPowers, ProcessorProfile, RefundOutcome, VoidOutcome,
};
pub use pricing::{
    DiscountTarget, DiscountTerms, LineAmount, OfferedDiscount, OfferedFee, PricedCart, PricedLine, RejectedCode,
};
pub use risk::{RiskDecision, RiskRequest};
pub use stock::{Reservation, Reserved, Stock};
pub use tax::{Assessed, Assessment, TaxPart, TaxRequest};
