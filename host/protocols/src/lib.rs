//! The HTTP edge: accept loop, limits, authentication, idempotency keys, and one module per protocol.
//!
//! A request passes through these steps: [`router`] finds the merchant and runs the request in a task of its own; the
//! protocol's `AcpCall` or `StripeCall` authenticates the caller and reads the release (`API-Version`); `idempotent_post` looks up
//! the idempotency key; the release or `from_wire` parses the body; the domain does the work, and has the session rendered within its
//! commit.

mod acp;
mod adyen;
mod auth;
mod clip;
mod code_indexes;
mod connections;
mod deadline;
mod delegation;
mod error_response;
mod fields;
mod headers;
mod idempotency;
mod idempotent_post;
mod json;
mod personal_data;
mod public_address;
mod reading;
mod rendering;
mod request;
mod request_observer;
mod request_signature;
mod respond;
mod router;
mod server;
mod settings;
mod signature;
mod state;
mod store_condition;
mod stripe_acs;
mod stripe_hooks;
mod webhooks;
mod write_timeout;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use acp::Release as AcpRelease;
pub use adyen::{AdyenConfiguration, AdyenEventForm, adyen_event};
pub use connections::{CLOSING_CONNECTIONS, OVERFLOW_CONNECTIONS};
pub use request_observer::{HookAnswer, ObservedHook, ObservedRequest, RequestObserver};
pub use router::router;
pub use server::Server;
pub use settings::{
    AcpPaymentProvider, AcpServices, AcpSettings, AdyenAgentSettings, AdyenFlow, AdyenHmacKey, AdyenHmacKeyError,
    AdyenMember, AdyenMerchantAuth, AdyenMerchantSettings, AdyenNames, AdyenSettings, BearerKey, Limits,
    MerchantSettings, OutgoingNames, PaymentHandler, PaymentHandlerConfig, RequestSigning, StripeAcsAuth,
    StripeAcsSettings, StripeEventSettings, StripeHookNames, StripeHookSettings, StripePriceMember, TaxAuthority,
    ThreeDSecureSupport, loopback_networks,
};
pub use state::AppState;
pub use store_condition::StoreCondition;
pub use stripe_acs::stripe_order_events;
