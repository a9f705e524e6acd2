//! Assessments that a call carries, for the merchant's risk rules.

use crate::fields::Id;
use crate::json::{BodyError, JsonValue, Nulls, read_ignoring_unknown};
use tillhouse_checkout::decision::RiskSignal;

/// Most signals of one call.
const MAX_SIGNALS: usize = 32;
/// The system that makes them, as risk rules know it.
const SOURCE: &str = "adyen";

/// The signals of a list, or the only one: objects with `type`, and perhaps `score` and `action`, as those of a delegated payment.
pub(super) fn read(value: &JsonValue) -> Result<Vec<RiskSignal>, BodyError> {
    match value {
        JsonValue::List(signals) if signals.len() > MAX_SIGNALS => Err(BodyError::invalid(format!(
            "must not have more than {MAX_SIGNALS} entries"
        ))),
        JsonValue::List(signals) => {
            let signals = signals.iter().enumerate();
            signals
                .map(|(index, value)| signal(value).map_err(|error| error.at_index(index)))
                .collect()
        }
        one => Ok(vec![signal(one)?]),
    }
}

fn signal(value: &JsonValue) -> Result<RiskSignal, BodyError> {
    let JsonValue::Object(members) = value else {
        return Err(BodyError::invalid(format!("must be an object, not {}", value.name())));
    };
    let text = |name: &str| match members.get(name) {
        None | Some(JsonValue::Null) => Ok(None),
        Some(value) => {
            let text: Result<Id, BodyError> = read_ignoring_unknown(value, Nulls::Refused);
            text.map(|text| Some(text.0)).map_err(|error| error.in_field(name))
        }
    };
    let score = match members.get("score") {
        Some(JsonValue::Number(number)) => number
            .whole()
            .map(|whole| whole.to_string())
            .or_else(|| number.float().map(|score| score.to_string())),
        _ => text("score")?,
    };
    Ok(RiskSignal {
        source: SOURCE.to_owned(),
        kind: text("type")?.ok_or_else(|| BodyError::missing("type"))?,
        score,
        action: text("action")?,
    })
}
