//! What Stripe and the issuer of the card say of the risk of a token. They inform the merchant's risk rules and prevent no payment: what
//! has another form than documented, or is too long, is left out
//! (<https://docs.stripe.com/api/shared-payment/granted-token>, `risk_details` and `card.checks`).

use serde_json::Value;

use tillhouse_checkout::decision::{CardCheck, RiskSignal};

/// The most signals and the most checks that are passed on.
const MOST: usize = 16;
/// Bytes of a kind, action or outcome.
const LONGEST_NAME: usize = 64;
/// Bytes of a score.
const LONGEST_SCORE: usize = 32;

/// The signals of `risk_details`: one for each insight, `bot`, `card_testing` and others, with a score or an action.
pub(super) fn signals(risk_details: &Value) -> Vec<RiskSignal> {
    let insights = risk_details.get("insights").and_then(Value::as_object);
    let signals = insights.into_iter().flatten().filter_map(|(kind, insight)| {
        let signal = RiskSignal {
            source: "token".to_owned(),
            kind: name(kind)?,
            score: insight.get("score").and_then(score),
            action: insight.get("recommended_action").and_then(Value::as_str).and_then(name),
        };
        (signal.score.is_some() || signal.action.is_some()).then_some(signal)
    });
    signals.take(MOST).collect()
}

/// The checks of a card: `cvc_check` is a check of `cvc`.
pub(super) fn checks(checks: &Value) -> Vec<CardCheck> {
    let made = checks.as_object().into_iter().flatten().filter_map(|(kind, outcome)| {
        Some(CardCheck {
            kind: name(kind.strip_suffix("_check").unwrap_or(kind))?,
            outcome: outcome.as_str().and_then(name)?,
        })
    });
    made.take(MOST).collect()
}

/// A name of the API: lower case, digits and `_`.
fn name(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let is_name = (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(plain);
    is_name.then(|| text.to_owned())
}

/// A score as Stripe wrote it: `37`, `0.42`.
fn score(score: &Value) -> Option<String> {
    let text = match score {
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => text.clone(),
        _ => return None,
    };
    (1..=LONGEST_SCORE).contains(&text.len()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn signal(kind: &str, score: Option<&str>, action: Option<&str>) -> RiskSignal {
        RiskSignal {
            source: "token".into(),
            kind: kind.into(),
            score: score.map(str::to_owned),
            action: action.map(str::to_owned),
        }
    }

    #[test]
    fn each_insight_is_a_signal_with_its_score_and_action() {
        let details = json!({"insights": {
            "bot": {"score": 0.42, "recommended_action": "continue"},
            "fraudulent_dispute": {"score": 87, "recommended_action": "block"},
            "stolen_card": {"score": null, "recommended_action": "manual_review"},
            "card_testing": {"score": 3},
        }});
        assert_eq!(
            signals(&details),
            [
                signal("bot", Some("0.42"), Some("continue")),
                signal("card_testing", Some("3"), None),
                signal("fraudulent_dispute", Some("87"), Some("block")),
                signal("stolen_card", None, Some("manual_review")),
            ]
        );
    }

    #[test]
    fn each_check_is_named_after_what_was_checked() {
        let check = |kind: &str, outcome: &str| CardCheck {
            kind: kind.into(),
            outcome: outcome.into(),
        };
        let made = json!({"address_line1_check": "pass", "address_postal_code_check": null, "cvc_check": "fail"});
        assert_eq!(checks(&made), [check("address_line1", "pass"), check("cvc", "fail")]);
    }

    #[test]
    fn what_is_not_as_documented_is_left_out() {
        let long = "x".repeat(LONGEST_NAME + 1);
        for details in [
            json!(null),
            json!([]),
            json!({"insights": "high"}),
            json!({"insights": {"bot": 7}}),
            json!({"insights": {"bot": {}}}),
            json!({"insights": {"bot": {"score": [1], "recommended_action": {"a": 1}}}}),
            json!({"insights": {"": {"score": 1}}}),
            json!({"insights": {"a\u{0}b": {"score": 1}}}),
            json!({"insights": {long.clone(): {"score": 1}}}),
            json!({"insights": {"bot": {"score": "9".repeat(LONGEST_SCORE + 1)}}}),
            json!({"insights": {"bot": {"recommended_action": long}}}),
        ] {
            assert_eq!(signals(&details), [], "{details}");
        }
        for made in [
            json!(null),
            json!("pass"),
            json!({"cvc_check": 1}),
            json!({"cvc_check": "p\u{202e}"}),
        ] {
            assert_eq!(checks(&made), [], "{made}");
        }
    }

    #[test]
    fn only_so_many_are_passed_on() {
        let many = |name: &str, value: Value| -> Value {
            (0..100)
                .map(|index| (format!("{name}{index}"), value.clone()))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        assert_eq!(
            signals(&json!({"insights": many("i", json!({"score": 1}))})).len(),
            MOST
        );
        assert_eq!(checks(&many("c", json!("pass"))).len(), MOST);
    }
}
