//! Events that the processor sends by itself, and the response that it expects.

use super::{CaptureOutcome, ChargeOutcome, RefundOutcome};

/// An HTTP request of another system as received; not verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessorWebhook {
    /// Request headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Request body, byte for byte: the signature covers it.
    pub body: Vec<u8>,
}

/// A dispute of a charge by the buyer or the issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The processor's own reference of the dispute.
    pub reference: String,
    /// `opened`, `needs_response`, `won`, `lost` or another.
    pub status: String,
    /// Reason, as the processor names it.
    pub reason: Option<String>,
}

/// What a processor event reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessorReport {
    /// Outcome of a charge.
    Charge(ChargeOutcome),
    /// Outcome of a refund.
    Refund(RefundOutcome),
    /// Outcome of a capture.
    Capture(CaptureOutcome),
    /// A dispute was opened, or has changed.
    Dispute(Dispute),
    /// Anything else; carries the processor's name of the event.
    Other(String),
}

/// An amount as a processor names it, unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedAmount {
    /// Amount in minor units.
    pub minor: i64,
    /// ISO 4217 code as the processor wrote it.
    pub currency: String,
}

/// An event of the processor, verified by the plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessorEvent {
    /// Id of the event, unique with the processor; used to detect repeats.
    pub id: String,
    /// The host's reference of the charge, `pa_…`; `None` for a payment that the host did not make.
    pub reference: Option<String>,
    /// The processor's own reference of the charge, if the event names it.
    pub processor_reference: Option<String>,
    /// Amount that the event is about, if it names one.
    pub amount: Option<ReportedAmount>,
    /// What the event reports, verified by the plugin.
    pub report: ProcessorReport,
}

/// The response that the sender of a webhook expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookReply {
    /// HTTP status code, from 200 to 299.
    pub status: u16,
    /// Media type of the body.
    pub content_type: String,
    /// Body of the response.
    pub body: Vec<u8>,
}

/// A webhook of the processor as the plugin read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookReading {
    /// Events in it, in their order.
    pub events: Vec<ProcessorEvent>,
    /// Response that the processor expects; `None` for an empty one with status 200.
    pub reply: Option<WebhookReply>,
}
