//! Test cards: the number decides what the acquirer does with a charge.

/// What the acquirer does with a charge to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Approves the whole amount immediately.
    Approve,
    /// Declines with this code; no money moves.
    Decline(&'static str),
    /// Approves the whole amount after [`crate::AcquirerConfig::slow_card_delay`].
    ApproveSlowly,
    /// Answers `pending`; approved at the second lookup by reference.
    Pending,
    /// Answers 500; no money moves.
    ServerError,
    /// Captures the money, then drops the connection without an answer.
    LoseAnswer,
    /// Approves one minor unit less than requested.
    ApproveLess,
    /// Approves the whole amount immediately, and decides later about a refund of it; see [`RefundBehaviour::Pending`].
    RefundLater,
    /// Approves the whole amount immediately, and refuses every refund of it.
    RefuseRefund,
    /// Approves the whole amount immediately; a refund of it is made, and the connection dropped without an answer.
    LoseRefundAnswer,
    /// Approves with the proof of a 3-D Secure authentication, and asks for one without it.
    ApproveAuthenticated,
}

/// What the acquirer does with a refund of a charge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefundBehaviour {
    /// Refunds at the first call.
    #[default]
    Succeed,
    /// Answers `pending`; refunded at the second lookup by reference.
    Pending,
    /// Answers `failed`; no money moves.
    Fail,
    /// Refunds, then drops the connection without an answer.
    LoseAnswer,
}

impl Behaviour {
    /// What happens to a refund of a charge to the card.
    pub(crate) const fn refunds(self) -> RefundBehaviour {
        match self {
            Self::RefundLater => RefundBehaviour::Pending,
            Self::RefuseRefund => RefundBehaviour::Fail,
            Self::LoseRefundAnswer => RefundBehaviour::LoseAnswer,
            _ => RefundBehaviour::Succeed,
        }
    }
}

/// What the card's issuer does with a 3-D Secure authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssuerBehaviour {
    /// Authenticates the buyer without a challenge.
    Frictionless,
    /// Challenges the buyer, whose decision is posted to the page of the challenge.
    Challenge,
    /// Acknowledges the attempt: it does not authenticate its cardholders yet.
    Attempt,
    /// Says that this is not the cardholder.
    Deny,
    /// Refuses to authenticate the buyer.
    Reject,
    /// Gives no answer to the request.
    Unavailable,
    /// The card is not enrolled.
    NotEnrolled,
}

/// One row of the table of test cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestCard {
    /// The name that the Stripe simulator's issuing helper accepts as `payment_method`.
    pub payment_method: &'static str,
    /// Other names for the same card, including Stripe's own if it has one.
    pub aliases: &'static [&'static str],
    /// Card number of 12 to 19 digits, unique in the table.
    pub number: &'static str,
    /// What happens to a charge to the card.
    pub behaviour: Behaviour,
    /// Type of credential in which a resolved token contains the card.
    pub credential: CredentialKind,
    /// What happens to an authentication of the buyer.
    pub issuer: IssuerBehaviour,
}

/// The two types of network credential that a granted token resolves to, and two forms that a type may have.
///
/// See "Use an SPT" at <https://docs.stripe.com/agentic-commerce/for-sellers/custom>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// A device account number with a cryptogram.
    Dpan,
    /// The same, with numbers where others have texts.
    NumericDpan,
    /// The same, encrypted for a processor: without a number.
    EncryptedDpan,
    /// A single-use number of Agent Pay or Intelligent Commerce.
    AgenticToken,
}

impl CredentialKind {
    /// The name on the wire, which is also the key of the credential's object.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dpan | Self::NumericDpan | Self::EncryptedDpan => "dpan",
            Self::AgenticToken => "agentic_token",
        }
    }
}

const fn visa(
    payment_method: &'static str,
    aliases: &'static [&'static str],
    number: &'static str,
    behaviour: Behaviour,
) -> TestCard {
    TestCard {
        payment_method,
        aliases,
        number,
        behaviour,
        credential: CredentialKind::Dpan,
        issuer: IssuerBehaviour::Frictionless,
    }
}

/// A card that is charged only after its buyer was authenticated.
const fn authenticated(payment_method: &'static str, number: &'static str, issuer: IssuerBehaviour) -> TestCard {
    TestCard {
        issuer,
        ..visa(payment_method, &[], number, Behaviour::ApproveAuthenticated)
    }
}

/// Every card that the acquirer accepts.
pub const TEST_CARDS: &[TestCard] = &[
    visa("pm_card_visa", &[], "4242424242424242", Behaviour::Approve),
    // The number that Adyen's own examples use.
    visa("pm_card_adyen", &[], "4111111111111111", Behaviour::Approve),
    // Digits without a pattern, so that a search for a leaked number finds no other text.
    visa("pm_card_canary", &[], "4539578763621486", Behaviour::Approve),
    TestCard {
        payment_method: "pm_card_mastercard",
        aliases: &["pm_card_agenticToken"],
        number: "5555555555554444",
        behaviour: Behaviour::Approve,
        credential: CredentialKind::AgenticToken,
        issuer: IssuerBehaviour::Frictionless,
    },
    TestCard {
        payment_method: "pm_card_numeric",
        aliases: &[],
        number: "4000056655665556",
        behaviour: Behaviour::Approve,
        credential: CredentialKind::NumericDpan,
        issuer: IssuerBehaviour::Frictionless,
    },
    TestCard {
        payment_method: "pm_card_encrypted",
        aliases: &[],
        number: "4000002500001001",
        behaviour: Behaviour::Approve,
        credential: CredentialKind::EncryptedDpan,
        issuer: IssuerBehaviour::Frictionless,
    },
    visa(
        "pm_card_chargeDeclined",
        &["pm_card_visa_chargeDeclined"],
        "4000000000000002",
        Behaviour::Decline("do_not_honor"),
    ),
    visa(
        "pm_card_insufficientFunds",
        &[
            "pm_card_chargeDeclinedInsufficientFunds",
            "pm_card_visa_chargeDeclinedInsufficientFunds",
        ],
        "4000000000009995",
        Behaviour::Decline("insufficient_funds"),
    ),
    visa(
        "pm_card_expiredCard",
        &[
            "pm_card_chargeDeclinedExpiredCard",
            "pm_card_visa_chargeDeclinedExpiredCard",
        ],
        "4000000000000069",
        Behaviour::Decline("expired_card"),
    ),
    visa(
        "pm_card_incorrectCvc",
        &[
            "pm_card_chargeDeclinedIncorrectCvc",
            "pm_card_visa_chargeDeclinedIncorrectCvc",
        ],
        "4000000000000127",
        Behaviour::Decline("incorrect_cvc"),
    ),
    visa(
        "pm_card_fraudSuspected",
        &["pm_card_radarBlock", "pm_card_chargeDeclinedFraudulent"],
        "4100000000000019",
        Behaviour::Decline("fraud_suspected"),
    ),
    visa("pm_card_slow", &[], "4000000000005126", Behaviour::ApproveSlowly),
    visa("pm_card_pending", &[], "4000000000000077", Behaviour::Pending),
    visa(
        "pm_card_serverError",
        &["pm_card_chargeDeclinedProcessingError"],
        "4000000000000119",
        Behaviour::ServerError,
    ),
    visa("pm_card_unknownOutcome", &[], "4000000000000259", Behaviour::LoseAnswer),
    visa("pm_card_wrongAmount", &[], "4000000000000341", Behaviour::ApproveLess),
    visa("pm_card_pendingRefund", &[], "4000000000007726", Behaviour::RefundLater),
    visa("pm_card_refundFail", &[], "4000000000007734", Behaviour::RefuseRefund),
    visa(
        "pm_card_refundUnknown",
        &[],
        "4000000000007742",
        Behaviour::LoseRefundAnswer,
    ),
    authenticated(
        "pm_card_authenticationRequired",
        "4000002760003184",
        IssuerBehaviour::Challenge,
    ),
    authenticated(
        "pm_card_authenticationOnCharge",
        "4000002500003155",
        IssuerBehaviour::Challenge,
    ),
    authenticated(
        "pm_card_authenticationFrictionless",
        "4000000000003220",
        IssuerBehaviour::Frictionless,
    ),
    authenticated(
        "pm_card_authenticationAttempted",
        "4000000000003063",
        IssuerBehaviour::Attempt,
    ),
    authenticated(
        "pm_card_authenticationDenied",
        "4000008400001629",
        IssuerBehaviour::Deny,
    ),
    authenticated(
        "pm_card_authenticationRejected",
        "4000008400001280",
        IssuerBehaviour::Reject,
    ),
    authenticated(
        "pm_card_authenticationUnavailable",
        "4000000000003097",
        IssuerBehaviour::Unavailable,
    ),
    authenticated(
        "pm_card_authenticationNotSupported",
        "4000000000003055",
        IssuerBehaviour::NotEnrolled,
    ),
];

impl TestCard {
    /// The card with this number.
    #[must_use]
    pub fn by_number(number: &str) -> Option<&'static Self> {
        TEST_CARDS.iter().find(|card| card.number == number)
    }

    /// The card of this payment method name or alias (`pm_card_…`).
    #[must_use]
    pub fn by_payment_method(name: &str) -> Option<&'static Self> {
        TEST_CARDS
            .iter()
            .find(|card| card.payment_method == name || card.aliases.contains(&name))
    }
}

/// Network of a card number by its first digit; precise enough for the display fields of a token.
pub(crate) fn brand(number: &str) -> &'static str {
    match number.as_bytes().first() {
        Some(b'4') => "visa",
        Some(b'2' | b'5') => "mastercard",
        Some(b'3') => "amex",
        Some(b'6') => "discover",
        _ => "unknown",
    }
}

/// The last four digits, the only part of a number that a ledger keeps.
pub(crate) fn last4(number: &str) -> String {
    let skip = number.chars().count().saturating_sub(4);
    number.chars().skip(skip).collect()
}

/// Whether `number` has 12 to 19 digits.
pub(crate) fn has_card_shape(number: &str) -> bool {
    (12..=19).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_and_numbers_are_unique() {
        let mut seen = HashSet::new();
        for card in TEST_CARDS {
            assert!(seen.insert(card.number), "{} twice", card.number);
            assert!(seen.insert(card.payment_method), "{} twice", card.payment_method);
            for alias in card.aliases {
                assert!(seen.insert(*alias), "{alias} twice");
            }
            assert!(has_card_shape(card.number));
        }
    }
}
