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

/// Names and lengths are those of ACP's `AuthenticationMetadata`, in which the agent reads them.
fn three_d_secure(required: WitThreeDSecure) -> Result<ThreeDSecure, String> {
    let acquirer_country = check::country("three-d-secure.acquirer-country", required.acquirer_country)?;
    check::not_blank("three-d-secure.acquirer-country", &acquirer_country)?;
    let requestor = required.requestor_id;
    Ok(ThreeDSecure {
        acquirer_bin: bounded("acquirer-bin", required.acquirer_bin, 11)?,
        acquirer_country,
        merchant_id: bounded("merchant-id", required.merchant_id, 35)?,
        merchant_name: bounded("merchant-name", required.merchant_name, 40)?,
        requestor_id: requestor.map(|id| bounded("requestor-id", id, 35)).transpose()?,
        directory_server: one_of("directory-server", required.directory_server, &DIRECTORY_SERVERS)?,
        flow: required.flow.map(|flow| one_of("flow", flow, &FLOWS)).transpose()?,
    })
}

const DIRECTORY_SERVERS: [&str; 3] = ["american_express", "mastercard", "visa"];
const FLOWS: [&str; 2] = ["challenge", "frictionless"];

/// A text of 1 to `most` characters.
fn bounded(field: &str, text: String, most: usize) -> Result<String, String> {
    let what = format!("three-d-secure.{field}");
    let text = check::text(&what, text, check::ID)?;
    check::not_blank(&what, &text)?;
    if text.chars().count() > most {
        return Err(format!("{what} has more than {most} characters"));
    }
    Ok(text)
}

fn one_of(field: &str, text: String, known: &[&str]) -> Result<String, String> {
    if known.contains(&text.as_str()) {
        return Ok(text);
    }
    Err(format!(
        "three-d-secure.{field} is {text:?}; it must be one of {}",
        known.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn required() -> WitThreeDSecure {
        WitThreeDSecure {
            acquirer_bin: "412345".into(),
            acquirer_country: "DE".into(),
            merchant_id: "acme".into(),
            merchant_name: "Acme".into(),
            requestor_id: None,
            directory_server: "visa".into(),
            flow: Some("challenge".into()),
            extensions: Vec::new(),
        }
    }

    #[test]
    fn what_an_agent_could_not_read_breaks_the_contract() {
        assert!(authentication_requirements(Some(required())).is_ok_and(|read| read.is_some()));
        assert!(authentication_requirements(None).is_ok_and(|read| read.is_none()));
        let broken = [
            WitThreeDSecure {
                acquirer_bin: "123456789012".into(),
                ..required()
            },
            WitThreeDSecure {
                acquirer_country: "Germany".into(),
                ..required()
            },
            WitThreeDSecure {
                acquirer_country: String::new(),
                ..required()
            },
            WitThreeDSecure {
                merchant_name: "x".repeat(41),
                ..required()
            },
            WitThreeDSecure {
                merchant_id: String::new(),
                ..required()
            },
            WitThreeDSecure {
                requestor_id: Some("x".repeat(36)),
                ..required()
            },
            WitThreeDSecure {
                directory_server: "discover".into(),
                ..required()
            },
            WitThreeDSecure {
                flow: Some("redirect".into()),
                ..required()
            },
        ];
        for required in broken {
            let refused = authentication_requirements(Some(required)).unwrap_err();
            assert!(refused.starts_with("three-d-secure."), "{refused}");
        }
    }
}
