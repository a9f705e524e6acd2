//! Result of the buyer's authentication with the card issuer (3-D Secure), as the agent reports it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// Outcome of a 3-D Secure authentication: `authentication_result.outcome` of ACP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationOutcome {
    /// The buyer left without finishing the challenge.
    Abandoned,
    /// The issuer could not authenticate the buyer and acknowledged the attempt. ACP 2026-01-16 calls it `attempt`.
    AttemptAcknowledged,
    /// The issuer authenticated the buyer.
    Authenticated,
    /// The buyer canceled the challenge.
    Canceled,
    /// The issuer could not confirm that this is the cardholder.
    Denied,
    /// The buyer was not authenticated; ACP 2026-01-16 does not say why.
    Failed,
    /// The issuer was only informed of the payment; no authentication was requested.
    Informational,
    /// The authentication service failed.
    InternalError,
    /// The card cannot be authenticated.
    NotSupported,
    /// The authentication could not be carried out.
    ProcessingError,
    /// The issuer refused to authenticate.
    Rejected,
    /// The issuer could not be asked (ACP 2026-01-16).
    Unavailable,
}

impl AuthenticationOutcome {
    /// Name for the plugins and the operator: lower snake case, as in ACP 2026-04-17.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Abandoned => "abandoned",
            Self::AttemptAcknowledged => "attempt_acknowledged",
            Self::Authenticated => "authenticated",
            Self::Canceled => "canceled",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Informational => "informational",
            Self::InternalError => "internal_error",
            Self::NotSupported => "not_supported",
            Self::ProcessingError => "processing_error",
            Self::Rejected => "rejected",
            Self::Unavailable => "unavailable",
        }
    }

    /// Whether a charge may follow, if it carries the proof of the authentication (cryptogram and ECI).
    #[must_use]
    pub const fn permits_a_charge(self) -> bool {
        matches!(
            self,
            Self::Authenticated | Self::AttemptAcknowledged | Self::Informational
        )
    }

    /// Whether it is the authentication of the buyer that risk rules may have asked for.
    #[must_use]
    pub const fn answers_a_challenge(self) -> bool {
        matches!(self, Self::Authenticated | Self::AttemptAcknowledged)
    }
}

/// Result of a 3-D Secure authentication with its proof. It is in memory only for the request that carries it: what is stored of it
/// is [`AuthenticationProof`].
#[derive(Clone)]
pub struct AuthenticationResult {
    /// How the authentication ended.
    pub outcome: AuthenticationOutcome,
    /// Authentication value (CAVV, AAV or AEVV), Base64; filled into the charge by the host and seen by nothing else.
    pub cryptogram: Option<Arc<Secret>>,
    /// Electronic commerce indicator: `01`, `02`, `05`, `06` or `07`.
    pub eci: Option<String>,
    /// Id of the transaction at the directory server; for 3-D Secure 1 the XID.
    pub transaction_id: Option<String>,
    /// Version of 3-D Secure: `2.2.0`.
    pub version: Option<String>,
}

impl AuthenticationResult {
    /// A result that has an outcome and no details.
    #[must_use]
    pub const fn without_details(outcome: AuthenticationOutcome) -> Self {
        Self {
            outcome,
            cryptogram: None,
            eci: None,
            transaction_id: None,
            version: None,
        }
    }

    /// What may be stored of it and shown to plugins.
    #[must_use]
    pub fn proof(&self) -> AuthenticationProof {
        AuthenticationProof {
            outcome: self.outcome,
            eci: self.eci.clone(),
            transaction_id: self.transaction_id.clone(),
            version: self.version.clone(),
            has_cryptogram: self.cryptogram.is_some(),
        }
    }
}

impl PartialEq for AuthenticationResult {
    fn eq(&self, other: &Self) -> bool {
        let value = |result: &Self| result.cryptogram.clone();
        let same_value = match (value(self), value(other)) {
            (Some(own), Some(its)) => own.reveal() == its.reveal(),
            (own, its) => own.is_none() && its.is_none(),
        };
        same_value && self.proof() == other.proof()
    }
}

impl Eq for AuthenticationResult {}

impl fmt::Debug for AuthenticationResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.proof().fmt(f)
    }
}

/// Result of a 3-D Secure authentication, without the authentication value, which is a slot of the credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticationProof {
    /// How the authentication ended. Only one that permits a charge reaches the processor.
    pub outcome: AuthenticationOutcome,
    /// Electronic commerce indicator: `05` …
    pub eci: Option<String>,
    /// Id of the transaction at the directory server.
    pub transaction_id: Option<String>,
    /// Version of 3-D Secure: `2.2.0`.
    pub version: Option<String>,
    /// Whether the credential has the authentication value.
    pub has_cryptogram: bool,
}

/// What an agent needs to authenticate the buyer with 3-D Secure on behalf of the merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreeDSecure {
    /// BIN of the acquirer at the directory server.
    pub acquirer_bin: String,
    /// Country of the acquirer, ISO 3166-1 alpha-2.
    pub acquirer_country: String,
    /// Id of the merchant at the acquirer.
    pub merchant_id: String,
    /// Name of the merchant at the acquirer.
    pub merchant_name: String,
    /// Requestor id, if the directory server needs one.
    pub requestor_id: Option<String>,
    /// Directory server: `american_express`, `mastercard` or `visa`.
    pub directory_server: String,
    /// Preferred flow: `challenge` or `frictionless`.
    pub flow: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(cryptogram: &str) -> AuthenticationResult {
        AuthenticationResult {
            cryptogram: Some(Arc::new(Secret::new(cryptogram.to_owned()))),
            eci: Some("05".to_owned()),
            ..AuthenticationResult::without_details(AuthenticationOutcome::Authenticated)
        }
    }

    #[test]
    fn results_are_equal_only_with_their_authentication_values() {
        assert_eq!(result("a"), result("a"));
        assert_ne!(result("a"), result("b"));
        let without = AuthenticationResult {
            cryptogram: None,
            ..result("a")
        };
        assert_ne!(result("a"), without);
    }

    #[test]
    fn neither_its_debug_form_nor_what_is_stored_of_it_has_the_authentication_value() {
        let result = result("AbCdEfGh");
        let stored = serde_json::to_string(&result.proof()).unwrap();
        for shown in [format!("{result:?} {result:#?}"), stored] {
            assert!(shown.contains("05") && !shown.contains("AbCdEfGh"), "{shown}");
        }
    }
}
