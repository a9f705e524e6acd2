//! What holds of the members of a delegated card in every shape.

use std::collections::BTreeMap;

use crate::fields::SecretText;
use crate::json::BodyError;
use tillhouse_checkout::decision::{CardCheck, RiskSignal};
use tillhouse_checkout::mask;

/// The source of what comes with a token, for the merchant's risk rules.
const SOURCE: &str = "token";
/// Entries of a metadata object, and characters of a key or a value.
const MOST_ENTRIES: usize = 50;
const LONGEST_ENTRY: usize = 256;

/// A number of exactly so many digits.
pub(crate) fn digits(text: &SecretText, count: usize) -> Option<u16> {
    let text = text.0.reveal();
    let exact = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    exact.then(|| text.parse().ok()).flatten()
}

/// An assessment by the side of the agent.
pub(crate) fn signal(kind: impl Into<String>, score: Option<String>, action: Option<&str>) -> RiskSignal {
    RiskSignal {
        source: SOURCE.to_owned(),
        kind: kind.into(),
        score,
        action: action.map(str::to_owned),
    }
}

/// The metadata of a card: signals of its source, for the merchant's risk rules.
pub(crate) fn metadata_signals(metadata: &BTreeMap<String, String>) -> impl Iterator<Item = RiskSignal> + '_ {
    let entries = metadata.iter();
    entries.map(|(key, value)| signal(format!("metadata.{key}"), Some(value.clone()), None))
}

/// That a check was made; its result is not told.
pub(crate) fn made_check(kind: &str) -> CardCheck {
    CardCheck {
        kind: kind.to_owned(),
        outcome: "unavailable".to_owned(),
    }
}

/// Check the size of metadata, and that it has no card number.
pub(crate) fn check_metadata(metadata: &BTreeMap<String, String>) -> Result<(), BodyError> {
    if metadata.len() > MOST_ENTRIES {
        return Err(BodyError::invalid(format!("must not have more than {MOST_ENTRIES} entries")).in_field("metadata"));
    }
    let check = |text: &str| {
        if text.chars().count() > LONGEST_ENTRY {
            return Err(BodyError::invalid(format!(
                "must not be longer than {LONGEST_ENTRY} characters"
            )));
        }
        refuse_card_number(text)
    };
    metadata.iter().try_for_each(|(key, value)| {
        check(key).map_err(|error| error.in_field("metadata"))?;
        check(value).map_err(|error| error.in_field(key).in_field("metadata"))
    })
}

/// Metadata and addresses are stored and echoed: a card number has no place there.
pub(crate) fn refuse_card_number(text: &str) -> Result<(), BodyError> {
    if mask(text).contains("[card]") {
        return Err(BodyError::invalid(
            "must not have a card number; only payment_method.number may",
        ));
    }
    Ok(())
}
