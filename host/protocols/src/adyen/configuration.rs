//! What Adyen is told once of a merchant's endpoints: `POST /agentic/configuration`, which "configures the endpoints that the merchant
//! wants to implement" (<https://docs.adyen.com/online-payments/agentic-commerce/agentic-checkout-integration>).
//!
//! Adyen publishes no more of it. The body is an assumption, made in this file only, with its names as settings: the accounts, who charges, and the URL of each
//! endpoint, with `{sessionId}` where Adyen's page has it. An endpoint that the merchant does not have in its flow is left out.

use serde::Serialize;

use crate::settings::{AdyenFlow, OutgoingNames};

/// The merchant's endpoints, as the operator configured them.
#[derive(Clone, Copy, Debug)]
pub struct AdyenConfiguration<'a> {
    /// Company account, as agents have it in their URL.
    pub company_account: &'a str,
    /// Merchant account that payments are made with.
    pub merchant_account: &'a str,
    /// Whether Adyen charges, or the merchant.
    pub flow: AdyenFlow,
    /// URL of the merchant's endpoints as Adyen reaches it, without a slash at its end.
    pub public_url: &'a str,
    /// Last part of the path to which a payment token is delivered.
    pub token_route: &'a str,
    /// Names of members, where Adyen expects others than ours: those of [`Self::MEMBERS`].
    pub names: &'a OutgoingNames,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    company_account: &'a str,
    merchant_account: &'a str,
    flow: &'static str,
    endpoints: Endpoints,
}

/// URLs, with `{sessionId}` for the id of a session.
#[derive(Debug, Serialize)]
struct Endpoints {
    /// Creates the session, and updates it.
    session: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    finalize: String,
    cancel: String,
    /// Where a payment token is delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl AdyenConfiguration<'_> {
    /// The paths of all members.
    pub const MEMBERS: [&'static str; 9] = [
        "companyAccount",
        "merchantAccount",
        "flow",
        "endpoints",
        "endpoints.session",
        "endpoints.commit",
        "endpoints.finalize",
        "endpoints.cancel",
        "endpoints.token",
    ];

    /// The body of the request, as JSON with a line per member.
    #[must_use]
    pub fn body(&self) -> String {
        let body = Body {
            company_account: self.company_account,
            merchant_account: self.merchant_account,
            flow: match self.flow {
                AdyenFlow::Standard => "standard",
                AdyenFlow::Advanced => "advanced",
                AdyenFlow::Both => "both",
            },
            endpoints: self.endpoints(),
        };
        // Texts only: writing them cannot fail.
        let body = self.names.applied(serde_json::to_value(&body).unwrap_or_default());
        format!("{body:#}")
    }

    fn endpoints(&self) -> Endpoints {
        let session = format!("{}/agentic/sessions/{{sessionId}}", self.public_url);
        let below = |route: &str| format!("{session}/{route}");
        Endpoints {
            commit: self.flow.has_commit().then(|| below("commit")),
            finalize: below("finalize"),
            cancel: below("cancel"),
            token: self.flow.has_token().then(|| below(self.token_route)),
            session,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::*;
    use crate::testing::leaves;

    fn body(flow: AdyenFlow) -> Value {
        named(flow, &OutgoingNames::default())
    }

    fn named(flow: AdyenFlow, names: &OutgoingNames) -> Value {
        let configuration = AdyenConfiguration {
            company_account: "Acme",
            merchant_account: "AcmeECOM",
            flow,
            public_url: "https://shop.example/m/acme",
            token_route: "token",
            names,
        };
        serde_json::from_str(&configuration.body()).unwrap()
    }

    #[test]
    fn each_endpoint_of_the_flow_is_named() {
        let session = "https://shop.example/m/acme/agentic/sessions/{sessionId}";
        let expected = json!({
            "companyAccount": "Acme",
            "merchantAccount": "AcmeECOM",
            "flow": "both",
            "endpoints": {
                "session": session,
                "commit": format!("{session}/commit"),
                "finalize": format!("{session}/finalize"),
                "cancel": format!("{session}/cancel"),
                "token": format!("{session}/token"),
            },
        });
        assert_eq!(body(AdyenFlow::Both), expected);
        assert!(body(AdyenFlow::Standard)["endpoints"].get("token").is_none());
        assert!(body(AdyenFlow::Advanced)["endpoints"].get("commit").is_none());
    }

    #[test]
    fn every_member_may_have_another_name() {
        let all: BTreeSet<String> = leaves::paths(&body(AdyenFlow::Both));
        assert_eq!(all, AdyenConfiguration::MEMBERS.map(String::from).into());
        let given = [("endpoints", "urls"), ("endpoints.session", "create"), ("flow", "")];
        let given = given.map(|(path, name)| (path.to_owned(), name.to_owned()));
        let names = OutgoingNames::new(&AdyenConfiguration::MEMBERS, given.into()).unwrap();
        let body = named(AdyenFlow::Both, &names);
        assert!(
            body.get("flow").is_none() && body["urls"]["create"].is_string(),
            "{body:#}"
        );
    }
}
