//! Classifies a charge: the plugin's answer checked against what the host's own connection saw.

use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_checkout::authentication::ThreeDSecure;
use tillhouse_checkout::decision::{ChargeOutcome, Rejection};
use tillhouse_checkout::ids::ProcessorReference;
use tillhouse_checkout::money::{Currency, Money, format_minor};
use tillhouse_checkout::ports::{ChargeReport, DecisionError};

/// What became of a charge, as far as the host can know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassifiedCharge {
    /// Money was taken: the right amount, with a reference.
    Approved(ProcessorReference),
    /// Money was not taken, and will not be. Carries the processor's code.
    Declined(String),
    /// Money was not taken, and will be only after the buyer was authenticated. Carries what the agent needs for that.
    AuthenticationRequired(Box<ThreeDSecure>),
    /// Nothing left the host.
    NotSent(UnsentCharge),
    /// Unknown. Carries why, for the operator.
    Unknown(String),
    /// Money moved, and not the amount that was due; an operator has to look. Carries what differs.
    AmountDiffers(String),
}

/// Why nothing was sent to the processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsentCharge {
    /// Why, for the operator.
    pub reason: String,
    /// The plugin's refusal; `None` where the charge failed on its way.
    pub refusal: Option<Refusal>,
}

/// How a plugin refused a charge that it did not send. Another try with the same card would be refused as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It declined, with this code.
    Declined(String),
    /// It rejected the operation, with words for the buyer.
    Rejected(Rejection),
}

/// Classify a charge.
///
/// Only a wire that saw nothing leave may say "not sent"; only a complete answer, read by the plugin as a typed decline, is
/// a decline; only an approval of this very amount with a reference is an approval. All else is unknown.
#[must_use]
pub fn classify(report: &ChargeReport, due: Money) -> ClassifiedCharge {
    match report.wire {
        WireEvidence::NothingSent => ClassifiedCharge::NotSent(UnsentCharge {
            reason: unsent(&report.answer, "the plugin sent no charge"),
            refusal: refusal(&report.answer),
        }),
        WireEvidence::NotConnected => not_sent(report, "the processor could not be reached"),
        WireEvidence::TlsFailed => not_sent(report, "TLS handshake with the processor failed"),
        WireEvidence::ZeroBytesWritten => not_sent(
            report,
            "the connection to the processor broke before a byte of the charge was written",
        ),
        WireEvidence::SomeBytesWritten => {
            ClassifiedCharge::Unknown("some of the charge may have been sent and no answer came back".to_owned())
        }
        WireEvidence::FullRequest => {
            ClassifiedCharge::Unknown("the charge was sent and no answer came back".to_owned())
        }
        WireEvidence::StatusLineSeen => {
            ClassifiedCharge::Unknown("the charge was sent and its answer broke off or decides nothing".to_owned())
        }
        WireEvidence::Answered => match &report.answer {
            Ok(outcome) => match classify_answer(outcome, due) {
                ClassifiedCharge::Declined(code) if report.unanswered_send => ClassifiedCharge::Unknown(format!(
                    "declined with {code} while an earlier send of the charge has no answer"
                )),
                ClassifiedCharge::AuthenticationRequired(_) if report.unanswered_send => ClassifiedCharge::Unknown(
                    "an authentication is required while an earlier send of the charge has no answer".to_owned(),
                ),
                charge => charge,
            },
            Err(error) => ClassifiedCharge::Unknown(format!("the processor answered and the plugin did not: {error}")),
        },
    }
}

/// Classify what the plugin says of a charge that the processor has answered for, at once or on lookup.
#[must_use]
pub fn classify_answer(outcome: &ChargeOutcome, due: Money) -> ClassifiedCharge {
    match outcome {
        ChargeOutcome::Approved {
            processor_reference, ..
        } if processor_reference.is_empty() => {
            ClassifiedCharge::Unknown("approved without a processor reference".to_owned())
        }
        ChargeOutcome::Approved { captured: false, .. } => {
            ClassifiedCharge::Unknown("authorised and not captured, and this host captures nothing later".to_owned())
        }
        ChargeOutcome::Approved {
            processor_reference,
            minor,
            currency,
            ..
        } => {
            if *minor == due.amount.minor() && Currency::new(currency) == Ok(due.currency) {
                ClassifiedCharge::Approved(ProcessorReference::new(processor_reference.as_str()))
            } else {
                ClassifiedCharge::AmountDiffers(format!(
                    "approved {} where {due} was due",
                    format_minor(*minor, currency)
                ))
            }
        }
        ChargeOutcome::Declined { code, .. } => ClassifiedCharge::Declined(code.clone()),
        ChargeOutcome::ActionRequired { kind, .. } if kind != THREE_D_SECURE => {
            ClassifiedCharge::Declined(format!("{kind}{ACTION_REQUIRED}"))
        }
        ChargeOutcome::ActionRequired {
            three_d_secure: Some(requirements),
            ..
        } => ClassifiedCharge::AuthenticationRequired(requirements.clone()),
        // Without them no agent can authenticate its buyer, so no money will be taken.
        ChargeOutcome::ActionRequired { .. } => ClassifiedCharge::Declined(AUTHENTICATION_REQUIRED.to_owned()),
        ChargeOutcome::Pending(_) => ClassifiedCharge::Unknown("the processor will decide later".to_owned()),
        ChargeOutcome::Unknown(_) => ClassifiedCharge::Unknown("the plugin does not know the outcome".to_owned()),
    }
}

/// The kind of action that an agent can have its buyer do.
const THREE_D_SECURE: &str = "three_d_secure";

/// What follows the kind of an action in the code of a decline that asks for an action that an agent cannot have its buyer do.
const ACTION_REQUIRED: &str = "_action_required";

/// Code of a decline that asks the buyer to authenticate.
pub const AUTHENTICATION_REQUIRED: &str = "authentication_required";

/// Code of a decline of a processor that was sent a token of its own, and says that it is none that pays this: it is unknown, used, or of
/// another. Nothing was asked of the issuer of a card.
pub const INVALID_TOKEN: &str = "invalid_token";

/// The action that a decline with this code asks for, if it asks for one that is not possible here.
pub(crate) fn asked_action(code: &str) -> Option<&str> {
    code.strip_suffix(ACTION_REQUIRED).filter(|action| !action.is_empty())
}

/// The charge did not leave because of the network, whatever the plugin makes of it.
fn not_sent(report: &ChargeReport, reason: &str) -> ClassifiedCharge {
    ClassifiedCharge::NotSent(UnsentCharge {
        reason: unsent(&report.answer, reason),
        refusal: None,
    })
}

/// The plugin's own refusal of a charge that it did not send: of a kind of card that it does not know, for example.
fn refusal(answer: &Result<ChargeOutcome, DecisionError>) -> Option<Refusal> {
    match answer {
        Ok(ChargeOutcome::Declined { code, .. }) => Some(Refusal::Declined(code.clone())),
        Err(DecisionError::Rejected(rejection)) => Some(Refusal::Rejected(rejection.clone())),
        _ => None,
    }
}

fn unsent(answer: &Result<ChargeOutcome, DecisionError>, otherwise: &str) -> String {
    match answer {
        Ok(ChargeOutcome::Declined { code, .. }) => format!("declined before it was sent: {code}"),
        Ok(_) => otherwise.to_owned(),
        Err(error) => format!("{otherwise}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_checkout::money::Amount;
    use tillhouse_checkout::ports::PluginFault;

    fn due() -> Money {
        Money {
            amount: Amount::new(1000).unwrap(),
            currency: Currency::new("usd").unwrap(),
        }
    }

    fn approved(reference: &str, minor: i64, currency: &str) -> ChargeOutcome {
        ChargeOutcome::Approved {
            processor_reference: reference.into(),
            minor,
            currency: currency.into(),
            captured: true,
        }
    }

    fn declined() -> ChargeOutcome {
        ChargeOutcome::Declined {
            code: "insufficient_funds".into(),
            retryable: false,
        }
    }

    fn trap() -> DecisionError {
        DecisionError::Fault {
            plugin: "p".into(),
            function: "payments.charge",
            fault: PluginFault::Trap,
            detail: String::new(),
        }
    }

    fn classified(wire: WireEvidence, answer: Result<ChargeOutcome, DecisionError>) -> ClassifiedCharge {
        classify(
            &ChargeReport {
                answer,
                wire,
                unanswered_send: false,
            },
            due(),
        )
    }

    #[test]
    fn an_approval_counts_only_when_it_was_answered_and_is_of_the_amount_due() {
        let good = approved("ch_1", 1000, "usd");
        assert_eq!(
            classified(WireEvidence::Answered, Ok(good)),
            ClassifiedCharge::Approved(ProcessorReference::new("ch_1"))
        );
        for other in [approved("ch_1", 999, "usd"), approved("ch_1", 1000, "eur")] {
            let charge = classified(WireEvidence::Answered, Ok(other));
            assert!(matches!(charge, ClassifiedCharge::AmountDiffers(_)), "{charge:?}");
        }
        let nameless = classified(WireEvidence::Answered, Ok(approved("", 1000, "usd")));
        assert!(matches!(nameless, ClassifiedCharge::Unknown(_)));
    }

    #[test]
    fn different_amounts_are_reported_with_decimals() {
        let differs = |minor, currency: &str, due| match classify_answer(&approved("ch_1", minor, currency), due) {
            ClassifiedCharge::AmountDiffers(what) => what,
            other => panic!("{other:?}"),
        };
        assert_eq!(differs(899, "usd", due()), "approved 8.99 USD where 10.00 USD was due");
        assert_eq!(differs(1, "USD", due()), "approved 0.01 USD where 10.00 USD was due");
        assert_eq!(differs(5000, "isk", due()), "approved 5000 ISK where 10.00 USD was due");
        assert_eq!(
            differs(1000, "kwd", due()),
            "approved 1.000 KWD where 10.00 USD was due"
        );
        assert_eq!(
            differs(1000, "$", due()),
            "approved 1000 minor units of \"$\" where 10.00 USD was due"
        );
    }

    #[test]
    fn a_decline_counts_only_when_the_processor_answered() {
        assert_eq!(
            classified(WireEvidence::Answered, Ok(declined())),
            ClassifiedCharge::Declined("insufficient_funds".into())
        );
        for wire in WireEvidence::ALL.into_iter().filter(|wire| wire.is_open()) {
            assert!(
                matches!(classified(wire, Ok(declined())), ClassifiedCharge::Unknown(_)),
                "{wire:?}"
            );
        }
    }

    #[test]
    fn a_decline_after_an_unanswered_send_is_not_a_decline() {
        let report = |answer| ChargeReport {
            answer: Ok(answer),
            wire: WireEvidence::Answered,
            unanswered_send: true,
        };
        assert!(matches!(
            classify(&report(declined()), due()),
            ClassifiedCharge::Unknown(_)
        ));
        let approved = approved("ch_1", 1000, "usd");
        assert!(matches!(
            classify(&report(approved), due()),
            ClassifiedCharge::Approved(_)
        ));
    }

    #[test]
    fn whatever_may_have_been_sent_is_never_called_unsent() {
        for wire in WireEvidence::ALL.into_iter().filter(|wire| wire.may_have_arrived()) {
            for answer in [
                Err(trap()),
                Ok(ChargeOutcome::Unknown(None)),
                Ok(ChargeOutcome::Pending("r".into())),
            ] {
                assert!(
                    matches!(classified(wire, answer), ClassifiedCharge::Unknown(_)),
                    "{wire:?}"
                );
            }
        }
    }

    #[test]
    fn what_never_left_the_host_is_not_sent_whatever_the_plugin_says() {
        for wire in WireEvidence::ALL.into_iter().filter(|wire| wire.nothing_left()) {
            for answer in [
                Err(trap()),
                Ok(approved("ch_1", 1000, "usd")),
                Ok(declined()),
                Ok(ChargeOutcome::Unknown(None)),
            ] {
                assert!(
                    matches!(classified(wire, answer), ClassifiedCharge::NotSent(_)),
                    "{wire:?}"
                );
            }
        }
    }
}
