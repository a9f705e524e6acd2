//! Converts the configuration of a merchant into settings of the protocols.

use std::sync::Arc;

use crate::config::{
    AcpConfig, CommittingStatus, KeyConfig, MerchantConfig, ServerConfig, StripeAcsAuth as AuthConfig, StripeAcsConfig,
    StripeConfig,
};
use tillhouse_checkout::decision::Link;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::secret::Secret;
use tillhouse_protocols::{
    AcpServices, AcpSettings, BearerKey, Limits, MerchantSettings, PaymentHandler, RequestSigning, StripeAcsAuth, StripeAcsSettings,
    StripeEventSettings,
};

pub(super) fn merchant_edge(id: &MerchantId, merchant: &MerchantConfig) -> MerchantSettings {
    MerchantSettings {
        id: id.clone(),
        hosts: merchant.hosts.clone(),
        currency: merchant.currency,
        links: merchant
            .links
            .iter()
            .map(|(kind, url)| Link {
                kind: kind.clone(),
                url: url.to_string(),
                title: None,
            })
            .collect(),
        acp: merchant.acp.as_ref().map(|acp| Arc::new(acp_settings(id, acp, !merchant.webhooks.is_empty()))),
        stripe_acs: merchant.stripe_acs.as_ref().map(stripe_acs_settings),
        stripe_events: merchant.stripe.as_ref().and_then(stripe_event_settings),
    }
}

fn acp_settings(id: &MerchantId, acp: &AcpConfig, sends_order_events: bool) -> AcpSettings {
    let services = AcpServices {
        carts: acp.services.carts,
        mcp: acp.services.mcp,
        mcp_origins: acp.services.mcp_origins.clone(),
        orders: sends_order_events,
        public_url: acp.services.public_url.clone(),
    };
    let merchant_id = acp.merchant_id.as_deref().unwrap_or(id.as_str());
    AcpSettings {
        keys: acp.keys.iter().map(bearer_key).collect(),
        handlers: vec![PaymentHandler::tokenized_card(merchant_id)],
        services,
    }
}

fn stripe_acs_settings(stripe: &StripeAcsConfig) -> StripeAcsSettings {
    StripeAcsSettings {
        auth: auth(&stripe.auth),
        single_item: stripe.single_item,
        committing: match stripe.committing_status {
            CommittingStatus::InProgress => "in_progress",
            CommittingStatus::Processing => "processing",
        },
    }
}

fn auth(auth: &AuthConfig) -> StripeAcsAuth {
    match auth {
        AuthConfig::Signature(secrets) => StripeAcsAuth::Signature(copy_secrets(secrets)),
        AuthConfig::Bearer(keys) => StripeAcsAuth::Bearer(keys.iter().map(bearer_key).collect()),
    }
}

/// `None` without a webhook secret: events could not be verified.
fn stripe_event_settings(stripe: &StripeConfig) -> Option<StripeEventSettings> {
    (!stripe.webhook_secrets.is_empty()).then(|| StripeEventSettings {
        secrets: copy_secrets(&stripe.webhook_secrets),
        livemode: stripe.livemode,
    })
}

fn copy_secrets(secrets: &[Arc<Secret>]) -> Vec<Secret> {
    let texts = secrets.iter().map(|secret| secret.reveal().to_owned());
    texts.map(Secret::new).collect()
}

fn bearer_key(key: &KeyConfig) -> BearerKey {
    let known = BearerKey::hashed(key.name.as_str(), key.sha256);
    match &key.signing {
        Some(signing) => known.signed_with(RequestSigning {
            demanded: signing.demanded,
            hmac_secrets: copy_secrets(&signing.hmac_secrets),
            ed25519_keys: signing.ed25519_keys.clone(),
        }),
        None => known,
    }
}

pub(super) fn limits(server: &ServerConfig) -> Limits {
    Limits {
        max_body_bytes: server.max_body_bytes,
        body_timeout: server.body_timeout,
        head_timeout: server.header_timeout,
        max_connections: server.max_connections,
        max_connections_per_client: server.max_connections_per_address,
        trusted_proxies: server.trusted_proxies.clone(),
        complete_deadline: server.request_timeout,
        operation_deadline: server.operation_deadline,
        confirm_deadline: server.confirm_deadline,
        drain_timeout: server.drain_timeout,
        ..Limits::default()
    }
}
