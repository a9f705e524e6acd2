//! Answers of the processor.

use crate::checkout::decision::{ChargeOutcome, Finding, ProcessorIdempotency, ProcessorProfile};
use crate::checkout::money::Currency;
use crate::plugin::api::bindings::exports::tillhouse::merchant::payments as wit;
use crate::plugin::api::check;

/// Most currencies of a processor; ISO 4217 has fewer.
const CURRENCIES: usize = 200;

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

pub(crate) fn finding(finding: wit::Finding) -> Result<Finding, String> {
    match finding {
        wit::Finding::Found(outcome) => charge_outcome(outcome).map(Finding::Found),
        wit::Finding::Absent => Ok(Finding::Absent),
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
