//! What an answer of the merchant means for the agent.

use axum::http::StatusCode;
use serde_json::Value;

use crate::adyen::merchant::{MerchantAnswer, NoAnswer};
use crate::adyen::messages::Refusal;

/// The merchant's answer, for the agent.
#[derive(Debug, PartialEq)]
pub(in crate::adyen) enum Relay {
    /// The merchant agrees; the body of its answer.
    Accepted(Value),
    /// The merchant refuses, or gave no usable answer; with the body of its answer.
    Refused(Refusal, Value),
}

impl Relay {
    pub(in crate::adyen) fn of(answer: Result<MerchantAnswer, NoAnswer>) -> Self {
        let answer = match answer {
            Ok(answer) => answer,
            Err(no_answer) => return Self::Refused(unavailable(no_answer), Value::Null),
        };
        if answer.is_success() {
            return Self::Accepted(answer.body);
        }
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
        let is_for_the_agent = matches!(
            status,
            StatusCode::BAD_REQUEST | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY
        );
        let messages = answer.messages();
        let refusal = if is_for_the_agent && !messages.is_empty() {
            Refusal::relayed(status, messages)
        } else {
            // Adyen's credentials or the address are wrong, or the merchant is down: the agent can do nothing about it.
            Refusal::unavailable(&format!("The merchant answered with {}.", answer.status))
        };
        Self::Refused(refusal, answer.body)
    }

    /// The merchant agreed with something that is not a session.
    pub(in crate::adyen) fn malformed(member: &str) -> Refusal {
        Refusal::unavailable(&format!("The merchant answered without a usable {member}."))
    }
}

fn unavailable(no_answer: NoAnswer) -> Refusal {
    Refusal::unavailable(match no_answer {
        NoAnswer::TimedOut => "The merchant did not answer in time.",
        NoAnswer::Unreachable => "The merchant cannot be reached.",
        NoAnswer::NotDelivered => "The merchant gave no answer.",
    })
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::adyen::messages::error;

    fn refused(status: u16, body: Value) -> crate::answer::JsonAnswer {
        match Relay::of(Ok(MerchantAnswer { status, body })) {
            Relay::Refused(refusal, _) => refusal.into_answer(),
            Relay::Accepted(body) => panic!("{body}"),
        }
    }

    #[test]
    fn a_refusal_reaches_the_agent_with_its_messages() {
        let messages = json!([error("OUT_OF_STOCK", "Gone.")]);
        let answer = refused(422, json!({"messages": messages}));
        assert_eq!((answer.status.as_u16(), &answer.body["messages"]), (422, &messages));
    }

    #[test]
    fn what_is_between_adyen_and_the_merchant_stays_there() {
        for status in [401, 404, 500, 503] {
            let answer = refused(status, json!({"messages": [error("SECRET", "x")]}));
            let code = &answer.body["messages"][0]["code"];
            assert_eq!((answer.status.as_u16(), code), (503, &json!("MERCHANT_UNAVAILABLE")));
        }
        assert_eq!(refused(422, Value::Null).status.as_u16(), 503);
    }
}
