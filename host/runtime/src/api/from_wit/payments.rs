//! Results of the payment capabilities.

use crate::api::bindings::exports::tillhouse::merchant::{
    payments as wit, payments_cancel_by_reference, payments_list, payments_notices, payments_refund, payments_void,
};
use crate::api::check;
use tillhouse_checkout::decision::{
    CancelOutcome, ChargeLookup, ChargeOutcome, ChargePage, ListedCharge, ProcessorEvent, ProcessorIdempotency,
    ProcessorProfile, RefundOutcome, VoidOutcome,
};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::time::Timestamp;

/// Maximum number of currencies of a processor; ISO 4217 has fewer.
const CURRENCIES: usize = 200;
/// Maximum number of charges on one page of `payments-list.list-charges`.
const CHARGES: usize = 1_000;
/// Maximum number of events in one webhook of a processor.
const NEWS: usize = 100;

pub(crate) fn profile(profile: wit::ProcessorProfile) -> Result<ProcessorProfile, String> {
    Ok(ProcessorProfile {
        processor: check::text("processor", profile.processor, check::ID)?,
        idempotency: profile.idempotency.map(idempotency).transpose()?,
        visibility_delay_s: profile.visibility_delay_s,
        currencies: check::list("currencies", profile.currencies, CURRENCIES, |code| {
            Currency::new(&code).map_err(|error| format!("currencies: {error}"))
        })?,
    })
}

fn idempotency(idempotency: wit::Idempotency) -> Result<ProcessorIdempotency, String> {
    let header = check::text("idempotency.header", idempotency.header, check::ID)?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if header.is_empty() || !header.bytes().all(is_token) {
        return Err(format!("idempotency.header {header:?} is not a header name"));
    }
    Ok(ProcessorIdempotency {
        header,
        key_life_s: idempotency.key_life_s,
        replays_errors: idempotency.replays_errors,
    })
}

pub(crate) fn finding(finding: wit::Finding) -> Result<ChargeLookup, String> {
    match finding {
        wit::Finding::Found(outcome) => charge_outcome(outcome).map(ChargeLookup::Found),
        wit::Finding::Absent => Ok(ChargeLookup::Absent),
    }
}

pub(crate) fn charge_outcome(outcome: wit::Outcome) -> Result<ChargeOutcome, String> {
    let reference = |text| check::text("processor-reference", text, check::ID);
    Ok(match outcome {
        wit::Outcome::Approved(approval) => ChargeOutcome::Approved {
            processor_reference: reference(approval.processor_reference)?,
            minor: approval.amount.minor,
            currency: check::text("amount.currency", approval.amount.currency, check::ID)?,
            captured: approval.captured,
        },
        wit::Outcome::Declined(decline) => ChargeOutcome::Declined {
            code: check::text("decline.code", decline.code, check::ID)?,
            retryable: decline.retryable,
        },
        wit::Outcome::Pending(text) => ChargeOutcome::Pending(reference(text)?),
        wit::Outcome::ActionRequired(action) => ChargeOutcome::ActionRequired {
            kind: check::text("action.kind", action.kind, check::ID)?,
            url: check::optional("action.url", action.url, check::URL)?,
        },
        wit::Outcome::Unknown(text) => ChargeOutcome::Unknown(text.map(reference).transpose()?),
    })
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every conversion of a result has this signature"
)]
pub(crate) fn void_outcome(outcome: payments_void::VoidOutcome) -> Result<VoidOutcome, String> {
    Ok(match outcome {
        payments_void::VoidOutcome::Voided => VoidOutcome::Voided,
        payments_void::VoidOutcome::TooLate => VoidOutcome::TooLate,
        payments_void::VoidOutcome::Unknown => VoidOutcome::Unknown,
    })
}

pub(crate) fn refund_outcome(outcome: payments_refund::RefundOutcome) -> Result<RefundOutcome, String> {
    let short = |what, text| check::text(what, text, check::ID);
    Ok(match outcome {
        payments_refund::RefundOutcome::Refunded(text) => RefundOutcome::Refunded(short("refunded", text)?),
        payments_refund::RefundOutcome::Pending(text) => RefundOutcome::Pending(short("pending", text)?),
        payments_refund::RefundOutcome::Declined(text) => RefundOutcome::Declined(short("declined", text)?),
        payments_refund::RefundOutcome::Unknown => RefundOutcome::Unknown,
    })
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every conversion of a result has this signature"
)]
pub(crate) fn cancel_outcome(outcome: payments_cancel_by_reference::CancelOutcome) -> Result<CancelOutcome, String> {
    Ok(match outcome {
        payments_cancel_by_reference::CancelOutcome::Canceled => CancelOutcome::Canceled,
        payments_cancel_by_reference::CancelOutcome::TooLate => CancelOutcome::TooLate,
        payments_cancel_by_reference::CancelOutcome::Unknown => CancelOutcome::Unknown,
    })
}

pub(crate) fn charge_page(page: payments_list::Page) -> Result<ChargePage, String> {
    Ok(ChargePage {
        entries: check::list("entries", page.entries, CHARGES, |entry| {
            Ok(ListedCharge {
                reference: check::optional("entry.reference", entry.reference, check::ID)?,
                processor_reference: check::text("entry.processor-reference", entry.processor_reference, check::ID)?,
                minor: entry.amount.minor,
                currency: check::text("entry.amount.currency", entry.amount.currency, check::ID)?,
                state: check::text("entry.state", entry.state, check::ID)?,
                created: Timestamp(entry.created),
            })
        })?,
        next: check::optional("next", page.next, check::TEXT)?,
    })
}

pub(crate) fn news(news: Vec<payments_notices::News>) -> Result<Vec<ProcessorEvent>, String> {
    check::list("news", news, NEWS, |news| {
        Ok(ProcessorEvent {
            id: check::text("news.id", news.id, check::ID)?,
            reference: check::text("news.reference", news.reference, check::ID)?,
            outcome: charge_outcome(news.outcome)?,
        })
    })
}
