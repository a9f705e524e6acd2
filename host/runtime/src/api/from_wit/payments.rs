//! The processor's profile, and outcomes and requirements of charges.

use crate::api::bindings::tillhouse::merchant::payments_types as wit;
use crate::api::bindings::tillhouse::merchant::types::ThreeDSecure as WitThreeDSecure;
use crate::api::check;
use tillhouse_checkout::authentication::ThreeDSecure;
use tillhouse_checkout::decision::{ChargeLookup, ChargeOutcome, ProcessorIdempotency, ProcessorProfile};
use tillhouse_checkout::money::Currency;

/// Maximum number of currencies of a processor; ISO 4217 has fewer.
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

pub(crate) fn charge_lookup(lookup: wit::ChargeLookup) -> Result<ChargeLookup, String> {
    match lookup {
        wit::ChargeLookup::Found(outcome) => charge_outcome(outcome).map(ChargeLookup::Found),
        wit::ChargeLookup::Absent => Ok(ChargeLookup::Absent),
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
            processor_reference: action.processor_reference.map(reference).transpose()?,
            three_d_secure: action.three_d_secure.map(three_d_secure).transpose()?.map(Box::new),
        },
        wit::Outcome::Unknown(text) => ChargeOutcome::Unknown(text.map(reference).transpose()?),
    })
}

pub(crate) fn authentication_requirements(required: Option<WitThreeDSecure>) -> Result<Option<ThreeDSecure>, String> {
    required.map(three_d_secure).transpose()
}

fn three_d_secure(required: WitThreeDSecure) -> Result<ThreeDSecure, String> {
    let id = |field: &str, text| check::text(&format!("three-d-secure.{field}"), text, check::ID);
    Ok(ThreeDSecure {
        acquirer_bin: id("acquirer-bin", required.acquirer_bin)?,
        acquirer_country: check::country("three-d-secure.acquirer-country", required.acquirer_country)?,
        merchant_id: id("merchant-id", required.merchant_id)?,
        merchant_name: id("merchant-name", required.merchant_name)?,
        requestor_id: check::optional("three-d-secure.requestor-id", required.requestor_id, check::ID)?,
        directory_server: id("directory-server", required.directory_server)?,
        flow: check::optional("three-d-secure.flow", required.flow, check::ID)?,
    })
}
