//! The inbox: events that other systems sent, each kept once.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{MerchantId, ProcessorReference, TokenId};
use super::time::Timestamp;

/// The system that sent an event, with the merchant whose account or processor it is.
///
/// Stored as `stripe:acme`. What an issuer says about one token is stored as `token:acme:spt_1`, because it is looked up by the token;
/// what the party that takes a payment says of it before the payment is known here as `payment:acme:pi_1`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum EventSource {
    /// Stripe, for the merchant's account.
    Stripe(MerchantId),
    /// The merchant's payment processor.
    Processor(MerchantId),
    /// The issuer of a token, about this token of the merchant.
    Token(MerchantId, TokenId),
    /// The party that took a payment of the merchant, about the payment with this reference of the party's.
    Payment(MerchantId, ProcessorReference),
    /// A source that this release does not know.
    Other(Box<str>),
}

impl From<String> for EventSource {
    fn from(name: String) -> Self {
        match name.split_once(':') {
            Some(("stripe", merchant)) => Self::Stripe(MerchantId::new(merchant)),
            Some(("processor", merchant)) => Self::Processor(MerchantId::new(merchant)),
            Some(("token", rest)) => match rest.rsplit_once(':') {
                Some((merchant, token)) => Self::Token(MerchantId::new(merchant), TokenId::new(token)),
                None => Self::Other(name.into()),
            },
            Some(("payment", rest)) => match rest.split_once(':') {
                Some((merchant, payment)) => Self::Payment(MerchantId::new(merchant), ProcessorReference::new(payment)),
                None => Self::Other(name.into()),
            },
            _ => Self::Other(name.into()),
        }
    }
}

impl From<EventSource> for String {
    fn from(source: EventSource) -> Self {
        source.to_string()
    }
}

impl fmt::Display for EventSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stripe(merchant) => write!(f, "stripe:{merchant}"),
            Self::Processor(merchant) => write!(f, "processor:{merchant}"),
            Self::Token(merchant, token) => write!(f, "token:{merchant}:{token}"),
            Self::Payment(merchant, payment) => write!(f, "payment:{merchant}:{payment}"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// An event that another system sent. Source and id together identify it: a second delivery has no effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxEvent {
    /// The system that sent the event.
    pub source: EventSource,
    /// Id that the sender gave the event.
    pub id: String,
    /// Merchant that the event is about.
    pub merchant: MerchantId,
    /// Type of the event in the sender's words, such as `shared_payment.granted_token.deactivated`.
    pub kind: String,
    /// Body of the event, or the part of it that is kept.
    pub payload: String,
    /// When the host received the event.
    pub received: Timestamp,
}

/// What the issuer of a token says: it is no longer active, and pays nothing that is not resolved yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenDeactivation {
    /// Id of the token at its issuer, `spt_…`.
    pub token: TokenId,
    /// Why: `consumed`, `expired`, `resolved`, `revoked`, or another reason.
    pub reason: String,
}

impl TokenDeactivation {
    /// The event as it is kept about the token. Its payload is the reason.
    #[must_use]
    pub fn kept(&self, event: &InboxEvent) -> InboxEvent {
        InboxEvent {
            source: EventSource::Token(event.merchant.clone(), self.token.clone()),
            payload: self.reason.clone(),
            ..event.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read_as_it_is_written() {
        let acme = MerchantId::new("acme");
        for (source, name) in [
            (EventSource::Stripe(acme.clone()), "stripe:acme"),
            (EventSource::Processor(acme.clone()), "processor:acme"),
            (
                EventSource::Token(acme.clone(), TokenId::new("spt_1")),
                "token:acme:spt_1",
            ),
            (
                EventSource::Payment(acme, ProcessorReference::new("a:b")),
                "payment:acme:a:b",
            ),
            (EventSource::Other("payment:acme".into()), "payment:acme"),
            (EventSource::Other("token:acme".into()), "token:acme"),
            (EventSource::Other("adyen:acme".into()), "adyen:acme"),
            (EventSource::Other("stripe".into()), "stripe"),
        ] {
            assert_eq!(source.to_string(), name);
            assert_eq!(EventSource::from(name.to_owned()), source);
        }
    }
}
