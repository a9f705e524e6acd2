//! What the host asks of a merchant's plugins, and what they answer, in the domain's own types.
//!
//! They mirror the contract in `wit/merchant`; the runtime crate converts between the two. Amounts in answers are unchecked
//! (`i64`), because a plugin may answer anything: [`super::quote`] turns them into [`super::money::Amount`]s, or into an error
//! that names the broken rule.

mod fulfillment;
mod item_facts;
mod operation;
mod order;
mod order_notice;
mod page;
mod payment;
mod pricing;
mod processor_event;
mod reversal;
mod risk;
mod rounding;
mod session_end;
mod stock;
mod tax;
mod whole_quote;

pub use fulfillment::{FulfillmentOffer, OfferedOption, PickupPlace};
pub use item_facts::{Dimensions, ItemFacts, ItemProperty, Weight};
pub use operation::{Operation, Rejection};
pub use order::{
    Adjustment, Attribution, Consent, DigitalDelivery, Fulfillment, FulfillmentEvent, LineUnits, OrderDraft,
    OrderEvent, OrderIdentity, OrderPayment,
};
pub use order_notice::{OrderNotice, ReportedOrderChange};
pub use page::{ConsentOption, ItemDescription, Link, Page, Support};
pub use payment::{
    ChargeLookup, ChargeOrder, ChargeOutcome, ProcessorCapabilities, ProcessorIdempotency, ProcessorProfile,
};
pub use pricing::{
    Coupon, DiscountTarget, DiscountTerms, LineAmount, OfferedDiscount, OfferedFee, PricedCart, PricedLine, RateOff,
    Reduction, RejectedCode,
};
pub use processor_event::{
    Dispute, ProcessorEvent, ProcessorReport, ProcessorWebhook, ReportedAmount, WebhookReading, WebhookReply,
};
pub use reversal::{
    CancelOutcome, CaptureLookup, CaptureOutcome, ChargePage, ListedCharge, RefundLookup, RefundOutcome, VoidLookup,
    VoidOutcome,
};
pub use risk::{CardCheck, RiskDecision, RiskRequest, RiskSignal, TokenAgent};
pub use rounding::RoundingRule;
pub use session_end::SessionEnd;
pub use stock::{Reservation, ReservationResult, Stock};
pub use tax::{
    AnsweredTaxes, AssessedTax, RatedTax, TaxAssessment, TaxPart, TaxRate, TaxRequest, TaxableFee, TaxableOption,
};
pub use whole_quote::WholeQuote;
