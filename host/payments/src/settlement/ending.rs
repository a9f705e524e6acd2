//! How an attempt ends without money, and what the agent reads of it on the session.
//!
//! A message says what happened. Only what the processor, the issuer or the risk rules refused is called declined, and a new token
//! is asked for only where this one cannot pay any more.

use tillhouse_checkout::attempt::{Attempt, AttemptStatus, AttemptWrite, Unpaid};
use tillhouse_checkout::authentication::AuthenticationOutcome;
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::message::{Message, Subject};
use tillhouse_checkout::time::Timestamp;

use super::outcome::not_sent;
use crate::classify::{AUTHENTICATION_REQUIRED, INVALID_TOKEN, UnsentCharge, asked_action};

/// How an attempt ends without money: what is stored of it, and what the session says.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    pub(super) unpaid: Unpaid,
    pub(super) message: Message,
    /// Whether the next payment of the session may make the order that this one was to make.
    pub(super) keeps_order: bool,
}

impl Ending {
    /// The processor declined the charge, with this code. The code is for the operator only.
    pub(crate) fn declined(code: String) -> Self {
        let message = match code.as_str() {
            AUTHENTICATION_REQUIRED => authentication_message(),
            INVALID_TOKEN => message_of(&PaymentTokenError::Unknown.into(), Token::Consumed),
            code => asked_action(code).map_or_else(declined_message, action_message),
        };
        Self {
            unpaid: Unpaid::Declined(code),
            message,
            keeps_order: true,
        }
    }

    /// The charge was sent, and it is certain now that the processor has none. `code` says for the operator how that is known.
    pub(crate) fn never_charged(code: &str) -> Self {
        let text = format!(
            "The charge did not reach the card processor. {}",
            Token::Consumed.fate()
        );
        Self {
            unpaid: Unpaid::Declined(code.to_owned()),
            message: Message::error("invalid", Subject::Payment, text),
            keeps_order: true,
        }
    }

    /// The charge was canceled, voided or refunded; carries how.
    pub(crate) fn voided(how: String) -> Self {
        let text = "The payment was canceled, and the buyer is not charged. Issue a new payment token and try again.";
        Self {
            unpaid: Unpaid::Voided(how),
            message: Message::error("invalid", Subject::Payment, text),
            keeps_order: true,
        }
    }

    /// The charge was made, and voided or refunded because its order could not be made; carries how.
    pub(crate) fn reversed(how: String) -> Self {
        Self {
            keeps_order: false,
            ..Self::voided(how)
        }
    }

    /// This error stopped the attempt before anything was sent to the processor. `token_unused` says that the token was being
    /// resolved, and that it is certain that it never was.
    pub(crate) fn stopped(attempt: &Attempt, error: &CheckoutError, token_unused: bool) -> Self {
        Self {
            unpaid: Unpaid::Failed {
                reason: error.to_string(),
                token_unused,
            },
            message: message_of(error, Token::of(attempt, token_unused)),
            keeps_order: true,
        }
    }

    /// The token was resolved, and nothing was sent to the processor.
    pub(crate) fn not_sent(attempt: &Attempt, unsent: &UnsentCharge) -> Self {
        Self {
            unpaid: Unpaid::failed(unsent.reason.clone()),
            message: message_of(&not_sent(unsent), Token::of(attempt, false)),
            keeps_order: true,
        }
    }

    /// Nothing was due, and the order could not be made; carries why, for the operator.
    pub(crate) fn order_not_made(reason: &str) -> Self {
        Self {
            unpaid: Unpaid::failed(reason),
            message: message_of(&CheckoutError::OrderDeclined, Token::NotDue),
            keeps_order: false,
        }
    }

    /// The buyer was not authenticated. A charge that the processor answered with the demand for it is a declined one.
    pub(crate) fn authentication_failed(attempt: &Attempt, outcome: AuthenticationOutcome) -> Self {
        Self {
            message: authentication_failed_message(outcome, Token::of(attempt, false).fate()),
            ..Self::without_authentication(attempt, format!("authentication_{}", outcome.name()))
        }
    }

    /// The buyer was not authenticated in time.
    pub(crate) fn authentication_expired(attempt: &Attempt) -> Self {
        let token = Token::of(attempt, false);
        let text = format!(
            "The time for the buyer's 3-D Secure authentication is over. {}",
            token.fate()
        );
        Self {
            message: token.message(&text),
            ..Self::without_authentication(attempt, "authentication_expired".to_owned())
        }
    }

    /// The party that was to take the payment does not, or asks for another one; nothing was paid.
    pub(crate) fn hold_released() -> Self {
        Self {
            unpaid: Unpaid::failed("released by the party that was to take the payment"),
            message: Message::info(Subject::Payment, "The payment was not made. Nothing was charged."),
            keeps_order: true,
        }
    }

    /// The attempt as it ends so, for a unit that changes more than its session.
    pub(crate) fn of_attempt(self, attempt: &Attempt, now: Timestamp) -> AttemptWrite {
        attempt.ended(self.unpaid, now)
    }

    /// The party that takes the payment reports that it was refused; carries why, for the operator.
    pub(crate) fn refused_elsewhere(why: &str) -> Self {
        Self {
            unpaid: Unpaid::Declined(why.to_owned()),
            message: declined_message(),
            keeps_order: true,
        }
    }

    /// The agent canceled the session while its payment waited for the buyer.
    pub(crate) fn canceled_by_agent(attempt: &Attempt) -> Self {
        Self::without_authentication(attempt, "authentication_canceled".to_owned())
    }

    fn without_authentication(attempt: &Attempt, code: String) -> Self {
        let token_unused = !attempt.waits_with_resolved_token();
        let unpaid = match attempt.charge() {
            Some(_) => Unpaid::Declined(code),
            None => Unpaid::Failed {
                reason: code,
                token_unused,
            },
        };
        Self {
            unpaid,
            message: authentication_message(),
            keeps_order: true,
        }
    }

    /// The host stopped, or could not go on, before anything was sent to the processor; carries why, for the operator.
    pub(crate) fn interrupted(attempt: &Attempt, reason: impl Into<String>) -> Self {
        let token = Token::of(attempt, false);
        Self {
            unpaid: Unpaid::failed(reason),
            message: token.message(&format!("The payment was interrupted. {}", token.fate())),
            keeps_order: true,
        }
    }
}

/// What became of the token of an attempt that charged nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// There is none, because nothing was due.
    NotDue,
    /// It was not resolved, and pays the next completion.
    Kept,
    /// It was resolved, or may have been: it pays nothing any more.
    Consumed,
}

impl Token {
    fn of(attempt: &Attempt, token_unused: bool) -> Self {
        match attempt.token() {
            None => Self::NotDue,
            Some(_) if token_unused || is_untouched(attempt) => Self::Kept,
            Some(_) => Self::Consumed,
        }
    }

    /// What was charged, and how to go on.
    const fn fate(self) -> &'static str {
        match self {
            Self::NotDue => "Nothing was charged; complete the checkout again.",
            Self::Kept => {
                "Nothing was charged, and the payment token was not consumed; complete the checkout again with the same token."
            }
            Self::Consumed => "Nothing was charged, but the payment token was consumed; issue a new one and try again.",
        }
    }

    /// A message about something that passes: an error only where the agent has to bring another token.
    fn message(self, text: &str) -> Message {
        match self {
            Self::NotDue | Self::Kept => Message::info(Subject::Payment, text),
            Self::Consumed => Message::error("invalid", Subject::Payment, text),
        }
    }
}

/// Whether nothing was done with its token yet.
fn is_untouched(attempt: &Attempt) -> bool {
    let status = attempt.status();
    matches!(status, AttemptStatus::Reserved | AttemptStatus::AuthenticationRequired)
        && !attempt.waits_with_resolved_token()
}

/// What the agent reads after a decline.
fn declined_message() -> Message {
    let text = "The payment was declined. Use another payment method.";
    Message::error("payment_declined", Subject::Payment, text)
}

/// What the agent reads after an authentication that permits no charge; `fate` says what became of the token.
pub(crate) fn authentication_failed_message(outcome: AuthenticationOutcome, fate: &str) -> Message {
    let text = format!(
        "The buyer's 3-D Secure authentication ended as {}. {fate}",
        outcome.name()
    );
    Message::error("payment_declined", Subject::Payment, text)
}

fn action_message(action: &str) -> Message {
    let text = format!(
        "The card processor asks the buyer for another step ({action}), which is not possible here. Use another payment method."
    );
    Message::error("payment_declined", Subject::Payment, text)
}

fn authentication_message() -> Message {
    let text = "The issuer asks the buyer to authenticate. Use another payment method.";
    Message::error("requires_3ds", Subject::Payment, text)
}

/// What the agent reads about an attempt that this error stopped. Details of the host, its plugins and services are not shown.
fn message_of(error: &CheckoutError, token: Token) -> Message {
    match error {
        CheckoutError::Declined { .. } => declined_message(),
        CheckoutError::AuthenticationRequired => authentication_message(),
        CheckoutError::OrderDeclined => {
            let text = "The merchant does not take this order. Nothing was charged.";
            Message::error("payment_declined", Subject::Payment, text)
        }
        CheckoutError::Token(error) => Message::error(token_code(error), Subject::Payment, nothing_charged(error)),
        CheckoutError::UnsupportedPayment(_) => Message::error("unsupported", Subject::Payment, nothing_charged(error)),
        CheckoutError::Rejected(rejection) => {
            let text = format!("{} {}", rejection.message, token.fate());
            Message::error(&rejection.code, rejection.about.clone(), text)
        }
        CheckoutError::TokenService { .. } => token.message(&format!(
            "The payment token could not be checked with its issuer. {}",
            token.fate()
        )),
        CheckoutError::ChargeNotSent => token.message(&format!(
            "The charge could not be sent to the card processor. {}",
            token.fate()
        )),
        _ => token.message(&format!("The payment could not be made. {}", token.fate())),
    }
}

/// A code of ACP for what is wrong with a token; the answer to the completion has one of its own.
const fn token_code(error: &PaymentTokenError) -> &'static str {
    match error {
        PaymentTokenError::Unknown => "not_found",
        PaymentTokenError::Expired => "expired",
        PaymentTokenError::AmountExceeded { .. } => "maximum_exceeded",
        PaymentTokenError::UnsupportedCredential { .. }
        | PaymentTokenError::RefusedByProcessor
        | PaymentTokenError::NoCredential(_) => "unsupported",
        PaymentTokenError::Deactivated
        | PaymentTokenError::CurrencyMismatch { .. }
        | PaymentTokenError::Unusable(_)
        | PaymentTokenError::Used
        | PaymentTokenError::ConsumedByEarlierAttempt => "invalid",
    }
}

/// The text of an error as a sentence, and that nothing was charged.
fn nothing_charged(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    let said = if text.contains("nothing was charged") {
        ""
    } else {
        " Nothing was charged."
    };
    format!("{}{}.{said}", first.collect::<String>(), letters.as_str())
}
