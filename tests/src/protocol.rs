//! The protocols that an agent buys by, for tests of what is the same in all of them.

use serde_json::{Value, json};

use crate::acp::Release;
use crate::client::{Request, fresh_key};
use crate::fixtures::{self, Items};
use crate::host::TestHost;
use crate::http_response::HttpResponse;
use crate::stripe_acs;

/// A protocol that an agent buys by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// ACP in one of its releases.
    Acp(Release),
    /// The hooks that Stripe calls.
    StripeAcs,
}

impl Protocol {
    /// Every protocol, ACP in its oldest and its newest release.
    pub const ALL: [Self; 3] = [
        Self::Acp(Release::V2025_09_29),
        Self::Acp(Release::V2026_04_17),
        Self::StripeAcs,
    ];

    /// The body of a create with items of a merchant with this currency. ACP has no currency before 2026-01-30.
    #[must_use]
    pub fn cart(self, items: Items<'_>, currency: &str) -> Value {
        match self {
            Self::Acp(release) if !release.has_payment_handlers() => fixtures::cart(release, items),
            Self::Acp(release) => fixtures::with(fixtures::cart(release, items), &json!({"currency": currency})),
            Self::StripeAcs => fixtures::with(fixtures::checkout(items), &json!({"currency": currency})),
        }
    }

    /// Members of a create or an update with Jane and this address.
    #[must_use]
    pub fn delivery(self, address: &Value) -> Value {
        match self {
            Self::Acp(release) => fixtures::delivery(release, address),
            Self::StripeAcs => stripe_acs::delivery(address),
        }
    }

    /// The body of a payment with this token.
    #[must_use]
    pub fn payment(self, token: &str) -> Value {
        match self {
            Self::Acp(release) => fixtures::payment(release, token),
            Self::StripeAcs => fixtures::confirmation(token),
        }
    }

    /// The same with a billing address in this country.
    #[must_use]
    pub fn payment_billed_to(self, token: &str, country: &str) -> Value {
        let mut body = self.payment(token);
        body["payment_data"]["billing_address"] = match self {
            Self::Acp(_) => fixtures::address_in(country, "", "10115"),
            Self::StripeAcs => json!({"line1": "123 Main St", "city": "Springfield", "country": country}),
        };
        body
    }

    /// A POST to the first merchant of a host, with the merchant's credentials of this protocol.
    pub fn post(self, host: &TestHost, path: &str) -> Request {
        match self {
            Self::Acp(release) => host.client().post(path).acp(release).key(&fresh_key()),
            Self::StripeAcs => host.client().post(path).signed(),
        }
    }

    /// A create that is not sent yet.
    pub fn creation(self, host: &TestHost, body: &Value) -> Request {
        self.post(host, self.sessions()).json(body)
    }

    /// Creates a session with items of this currency, for Jane at this address.
    pub async fn create(self, host: &TestHost, items: Items<'_>, currency: &str, address: &Value) -> HttpResponse {
        let body = fixtures::with(self.cart(items, currency), &self.delivery(address));
        self.creation(host, &body).send().await
    }

    /// Updates a session with a request body.
    pub async fn update(self, host: &TestHost, session: &str, body: &Value) -> HttpResponse {
        let path = format!("{}/{session}", self.sessions());
        self.post(host, &path).json(body).send().await
    }

    /// Retrieves a session by its id.
    pub async fn retrieve(self, host: &TestHost, session: &str) -> HttpResponse {
        let request = host.client().get(&format!("{}/{session}", self.sessions()));
        let request = match self {
            Self::Acp(release) => request.acp(release),
            Self::StripeAcs => request.signed(),
        };
        request.send().await
    }

    /// Pays a session, with the body of a payment.
    pub async fn pay(self, host: &TestHost, session: &str, payment: &Value) -> HttpResponse {
        let verb = match self {
            Self::Acp(_) => "complete",
            Self::StripeAcs => "confirm",
        };
        let path = format!("{}/{session}/{verb}", self.sessions());
        self.post(host, &path).json(payment).send().await
    }

    /// The status of a session that lacks something.
    #[must_use]
    pub const fn not_ready(self) -> &'static str {
        match self {
            Self::Acp(_) => "not_ready_for_payment",
            Self::StripeAcs => "incomplete",
        }
    }

    /// The path of a field of the shipping address, in messages.
    #[must_use]
    pub fn address_field(self, field: &str) -> String {
        match self {
            Self::Acp(Release::V2025_09_29) => format!("$.fulfillment_address.{field}"),
            _ => format!("$.fulfillment_details.address.{field}"),
        }
    }

    const fn sessions(self) -> &'static str {
        match self {
            Self::Acp(_) => "/checkout_sessions",
            Self::StripeAcs => "/agentic/checkouts",
        }
    }
}
