//! The buyer's answers to marketing consents.

use tillhouse_checkout::decision::{Consent, Rejection};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::message::Subject;
use tillhouse_checkout::quote::Quote;

/// Check that every answer is to a consent that is offered, and that there is one answer to each.
///
/// # Errors
/// [`CheckoutError::Rejected`] about the first answer that is not.
pub(super) fn check_consents(quote: &Quote, answers: &[Consent]) -> Result<(), CheckoutError> {
    for (index, Consent { channel, .. }) in answers.iter().enumerate() {
        if quote.consents.iter().all(|offered| offered.channel != *channel) {
            let offered: Vec<&str> = quote.consents.iter().map(|offered| offered.channel.as_str()).collect();
            let offered = match offered.as_slice() {
                [] => "this checkout offers none".to_owned(),
                channels => format!("this checkout offers {}", channels.join(", ")),
            };
            return Err(refused(
                channel,
                format!("there is no consent {channel:?} to answer; {offered}"),
            ));
        }
        if answers.iter().take(index).any(|before| before.channel == *channel) {
            return Err(refused(
                channel,
                format!("consent {channel:?} is answered twice; answer it once"),
            ));
        }
    }
    Ok(())
}

fn refused(channel: &str, message: String) -> CheckoutError {
    CheckoutError::Rejected(Rejection {
        code: "invalid".to_owned(),
        message,
        about: Subject::Consent(Some(channel.to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_checkout::decision::ConsentOption;

    fn offering(channels: &[&str]) -> Quote {
        let offered = |channel: &&str| ConsentOption {
            channel: (*channel).into(),
            text: "May we write to you?".into(),
            privacy_policy: "https://shop.example/privacy".into(),
            subscribed: false,
        };
        Quote {
            consents: channels.iter().map(offered).collect(),
            ..Quote::default()
        }
    }

    fn checked(offered: &[&str], answers: &[(&str, bool)]) -> Result<(), CheckoutError> {
        let answers: Vec<Consent> = answers
            .iter()
            .map(|(channel, granted)| Consent {
                channel: (*channel).into(),
                granted: *granted,
            })
            .collect();
        check_consents(&offering(offered), &answers)
    }

    #[test]
    fn the_buyer_may_answer_any_consent_that_is_offered() {
        checked(&[], &[]).unwrap();
        checked(&["email", "sms"], &[]).unwrap();
        checked(&["email", "sms"], &[("sms", false), ("email", true)]).unwrap();
    }

    #[test]
    fn an_answer_that_was_not_asked_for_is_refused_by_its_channel() {
        for (offered, answers, channel, text) in [
            (
                &["email"][..],
                &[("email", true), ("sms", true)][..],
                "sms",
                "this checkout offers email",
            ),
            (&[], &[("email", false)], "email", "this checkout offers none"),
            (
                &["email"],
                &[("email", true), ("email", false)],
                "email",
                "answered twice",
            ),
        ] {
            match checked(offered, answers).unwrap_err() {
                CheckoutError::Rejected(rejection) => {
                    assert_eq!(rejection.about, Subject::Consent(Some(channel.into())));
                    assert!(rejection.message.contains(text), "{}", rejection.message);
                }
                other => panic!("{other}"),
            }
        }
    }
}
