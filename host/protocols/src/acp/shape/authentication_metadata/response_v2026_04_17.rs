//! What an agent needs to authenticate the buyer (schema `AuthenticationMetadata`): the acquirer and the flow.

use serde::Serialize;

use tillhouse_checkout::authentication::ThreeDSecure;
use tillhouse_checkout::session::{Session, SessionState};

#[derive(Debug, Serialize)]
pub(crate) struct AuthenticationMetadata<'a> {
    acquirer_details: AcquirerDetails<'a>,
    directory_server: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_preference: Option<FlowPreference<'a>>,
}

#[derive(Debug, Serialize)]
struct AcquirerDetails<'a> {
    acquirer_bin: &'a str,
    acquirer_country: &'a str,
    acquirer_merchant_id: &'a str,
    merchant_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    requestor_id: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct FlowPreference<'a> {
    r#type: &'a str,
}

impl<'a> AuthenticationMetadata<'a> {
    /// The metadata of a session whose payment waits for the buyer.
    pub(crate) fn of_session(session: &'a Session) -> Option<Self> {
        match &session.state {
            SessionState::AuthenticationRequired { requirements, .. } => Some(Self::new(requirements)),
            _ => None,
        }
    }

    fn new(requirements: &'a ThreeDSecure) -> Self {
        Self {
            acquirer_details: AcquirerDetails {
                acquirer_bin: &requirements.acquirer_bin,
                acquirer_country: &requirements.acquirer_country,
                acquirer_merchant_id: &requirements.merchant_id,
                merchant_name: &requirements.merchant_name,
                requestor_id: requirements.requestor_id.as_deref(),
            },
            directory_server: &requirements.directory_server,
            flow_preference: requirements.flow.as_deref().map(|r#type| FlowPreference { r#type }),
        }
    }
}
