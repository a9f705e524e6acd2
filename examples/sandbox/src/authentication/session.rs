//! One authentication, from its creation to its result.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::card::{IssuerBehaviour, TestCard, brand};
use crate::id::AuthenticationId;
use crate::money::Amount;

/// How long a session waits for the agent and the buyer, in seconds.
const LIFETIME_SECS: i64 = 600;

/// Version of 3-D Secure.
const VERSION: &str = "2.2.0";

/// Status of a session, as in ACP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationStatus {
    /// Nothing is needed before the issuer is asked.
    Pending,
    /// The buyer has to pass the issuer's challenge.
    ActionRequired,
    /// The card is not enrolled.
    NotSupported,
    /// The issuer authenticated the buyer.
    Authenticated,
    /// The issuer acknowledged the attempt.
    Attempted,
    /// This is not the cardholder.
    NotAuthenticated,
    /// The issuer refused to authenticate.
    Rejected,
    /// The issuer gave no answer.
    Unavailable,
    /// The issuer was not asked in time.
    Expired,
    /// The buyer left the challenge, or did not finish it in time.
    ChallengeAbandoned,
}

impl AuthenticationStatus {
    /// The transaction status of 3-D Secure; `None` while there is no result, and where the issuer was never asked.
    const fn transaction_status(self) -> Option<&'static str> {
        match self {
            Self::Authenticated => Some("Y"),
            Self::Attempted => Some("A"),
            Self::NotAuthenticated | Self::ChallengeAbandoned => Some("N"),
            Self::Rejected => Some("R"),
            Self::Unavailable => Some("U"),
            Self::Pending | Self::ActionRequired | Self::NotSupported | Self::Expired => None,
        }
    }
}

/// What an authentication ended with: `authentication_result` of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuthenticationResult {
    /// Transaction status: `Y`, `A`, `N`, `R` or `U`.
    pub trans_status: &'static str,
    /// Electronic commerce indicator of the card's network.
    pub electronic_commerce_indicator: &'static str,
    /// Authentication value, 20 bytes in Base64; only where a charge may follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub three_ds_cryptogram: Option<String>,
    /// Id of the transaction at the directory server.
    pub transaction_id: String,
    /// Id of the transaction at the 3-D Secure server.
    pub three_ds_server_trans_id: String,
    /// Version of 3-D Secure.
    pub version: &'static str,
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: AuthenticationId,
    pub(crate) card: &'static TestCard,
    pub(crate) amount: Amount,
    pub(crate) result: Option<AuthenticationResult>,
    /// Its proof was taken for a charge.
    pub(crate) is_used: bool,
    status: AuthenticationStatus,
    server_transaction: String,
    created: i64,
}

impl Session {
    pub(crate) fn new(card: &'static TestCard, amount: Amount, now: i64) -> Self {
        let status = match card.issuer {
            IssuerBehaviour::NotEnrolled => AuthenticationStatus::NotSupported,
            _ => AuthenticationStatus::Pending,
        };
        Self {
            id: AuthenticationId::generate(),
            card,
            amount,
            result: None,
            is_used: false,
            status,
            server_transaction: Uuid::new_v4().to_string(),
            created: now,
        }
    }

    pub(crate) const fn status(&self) -> AuthenticationStatus {
        self.status
    }

    /// End a session that the buyer did not finish in time.
    pub(crate) fn expire(&mut self, now: i64) {
        if now < self.created + LIFETIME_SECS {
            return;
        }
        match self.status {
            AuthenticationStatus::Pending => self.status = AuthenticationStatus::Expired,
            AuthenticationStatus::ActionRequired => self.end(AuthenticationStatus::ChallengeAbandoned),
            _ => {}
        }
    }

    /// Ask the issuer. False if it was asked before, or cannot be.
    pub(crate) fn authenticate(&mut self) -> bool {
        if self.status != AuthenticationStatus::Pending {
            return false;
        }
        match self.card.issuer {
            IssuerBehaviour::Challenge => self.status = AuthenticationStatus::ActionRequired,
            IssuerBehaviour::Frictionless => self.end(AuthenticationStatus::Authenticated),
            IssuerBehaviour::Attempt => self.end(AuthenticationStatus::Attempted),
            IssuerBehaviour::Deny => self.end(AuthenticationStatus::NotAuthenticated),
            IssuerBehaviour::Reject => self.end(AuthenticationStatus::Rejected),
            IssuerBehaviour::Unavailable => self.end(AuthenticationStatus::Unavailable),
            IssuerBehaviour::NotEnrolled => self.status = AuthenticationStatus::NotSupported,
        }
        true
    }

    /// What the buyer does with the challenge. False if there is none.
    pub(crate) fn decide(&mut self, decision: Decision) -> bool {
        if self.status != AuthenticationStatus::ActionRequired {
            return false;
        }
        self.end(match decision {
            Decision::Approve => AuthenticationStatus::Authenticated,
            Decision::Deny => AuthenticationStatus::NotAuthenticated,
            Decision::Leave => AuthenticationStatus::ChallengeAbandoned,
        });
        true
    }

    fn end(&mut self, status: AuthenticationStatus) {
        self.status = status;
        let permits = matches!(
            status,
            AuthenticationStatus::Authenticated | AuthenticationStatus::Attempted
        );
        self.result = status.transaction_status().map(|trans_status| AuthenticationResult {
            trans_status,
            electronic_commerce_indicator: indicator(self.card, status),
            three_ds_cryptogram: permits.then(cryptogram),
            transaction_id: Uuid::new_v4().to_string(),
            three_ds_server_trans_id: self.server_transaction.clone(),
            version: VERSION,
        });
    }

    /// The session as ACP shows it, without its result. `base` is the provider's own URL.
    pub(crate) fn to_json(&self, base: &str) -> Value {
        let mut session = json!({"authentication_session_id": self.id, "status": self.status});
        if self.status == AuthenticationStatus::ActionRequired
            && let Some(session) = session.as_object_mut()
        {
            let challenge = json!({
                "acs_url": format!("{base}/acs/{}", self.id),
                "acs_trans_id": self.id,
                "three_ds_server_trans_id": self.server_transaction,
                "message_version": VERSION,
            });
            session.insert("action".into(), json!({"type": "challenge", "challenge": challenge}));
        }
        session
    }

    pub(crate) fn to_json_with_result(&self, base: &str) -> Value {
        let mut session = self.to_json(base);
        if let (Some(result), Some(session)) = (&self.result, session.as_object_mut()) {
            session.insert("authentication_result".into(), json!(result));
        }
        session
    }
}

/// What the buyer does on the page of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    Approve,
    Deny,
    Leave,
}

/// The indicators of Mastercard are others than those of Visa and American Express.
fn indicator(card: &TestCard, status: AuthenticationStatus) -> &'static str {
    let is_mastercard = brand(card.number) == "mastercard";
    match (status, is_mastercard) {
        (AuthenticationStatus::Authenticated, false) => "05",
        (AuthenticationStatus::Authenticated, true) => "02",
        (AuthenticationStatus::Attempted, false) => "06",
        (AuthenticationStatus::Attempted, true) => "01",
        _ => "07",
    }
}

/// 20 random bytes in Base64.
fn cryptogram() -> String {
    let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
    let bytes: Vec<u8> = first
        .as_bytes()
        .iter()
        .chain(second.as_bytes())
        .copied()
        .take(20)
        .collect();
    BASE64.encode(bytes)
}
