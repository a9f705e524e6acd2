//! Converts the configuration of a merchant into settings of the protocols.

use std::sync::Arc;

use crate::config::{
    AcpConfig, AdyenAuthConfig, AdyenConfig, AdyenMerchantConfig, CommittingStatus, KeyConfig, MerchantConfig,
    ServerConfig, StripeAcsAuth as AuthConfig, StripeAcsConfig, StripeConfig,
};
use tillhouse_checkout::decision::Link;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::secret::Secret;
use tillhouse_protocols::{
    AcpPaymentProvider, AcpServices, AcpSettings, AdyenAgentSettings, AdyenMerchantAuth, AdyenMerchantSettings,
    AdyenSettings, BearerKey, Limits, MerchantSettings, PaymentHandler, RequestSigning, StripeAcsAuth,
    StripeAcsSettings, StripeEventSettings, StripeHookSettings, ThreeDSecureSupport,
};

/// `authenticates` looks up whether the merchant's processor states what an authentication of the buyer needs, so that its result is
/// asked for and reaches the charge.
pub(super) fn merchant_edge(
    id: &MerchantId,
    merchant: &MerchantConfig,
    authenticates: &ThreeDSecureSupport,
) -> MerchantSettings {
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
        acp: merchant
            .acp
            .as_ref()
            .map(|acp| Arc::new(acp_settings(id, merchant, acp, authenticates))),
        stripe_acs: merchant.stripe_acs.as_ref().map(stripe_acs_settings),
        adyen: merchant.adyen.as_ref().map(|adyen| Arc::new(adyen_settings(adyen))),
        stripe_events: merchant.stripe.as_ref().and_then(stripe_event_settings),
        stripe_hooks: merchant.stripe.as_ref().and_then(stripe_hook_settings).map(Arc::new),
    }
}

fn acp_settings(
    id: &MerchantId,
    merchant: &MerchantConfig,
    acp: &AcpConfig,
    authenticates: &ThreeDSecureSupport,
) -> AcpSettings {
    let services = AcpServices {
        carts: acp.services.carts,
        mcp: acp.services.mcp,
        mcp_origins: acp.services.mcp_origins.clone(),
        orders: !merchant.webhooks.is_empty(),
        public_url: acp.services.public_url.clone(),
    };
    let handlers = payment_handlers(merchant, merchant_id(id, acp)).into_iter();
    let adyen = merchant.adyen.as_ref().and_then(|adyen| adyen.acp);
    AcpSettings {
        keys: acp.keys.iter().map(bearer_key).collect(),
        handlers: handlers
            .map(|handler| handler.supporting_3ds(authenticates.clone()))
            .collect(),
        provider: match adyen {
            Some(adyen) if adyen.older_releases => AcpPaymentProvider::Adyen,
            _ => AcpPaymentProvider::Stripe,
        },
        services,
    }
}

/// The payment handlers of a merchant: Stripe's if there is no other.
fn payment_handlers(merchant: &MerchantConfig, merchant_id: &str) -> Vec<PaymentHandler> {
    let vault = merchant
        .vault
        .as_ref()
        .map(|_| PaymentHandler::vaulted_card(merchant_id));
    let adyen = merchant.adyen.as_ref().filter(|adyen| adyen.acp.is_some());
    let adyen = adyen.map(|adyen| PaymentHandler::adyen_card(&adyen.merchant_account));
    let others: Vec<_> = vault.into_iter().chain(adyen).collect();
    let has_stripe = merchant.stripe.is_some() || others.is_empty();
    let stripe = has_stripe.then(|| PaymentHandler::tokenized_card(merchant_id));
    stripe.into_iter().chain(others).collect()
}

/// The merchant's id, as its payment handlers advertise it.
fn merchant_id<'a>(id: &'a MerchantId, acp: &'a AcpConfig) -> &'a str {
    acp.merchant_id.as_deref().unwrap_or(id.as_str())
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

fn adyen_settings(adyen: &AdyenConfig) -> AdyenSettings {
    AdyenSettings {
        company_account: adyen.company_account.clone(),
        merchant_account: adyen.merchant_account.clone(),
        payment_methods: adyen.payment_methods.clone(),
        agent: adyen.agent.as_ref().map(|agent| AdyenAgentSettings {
            keys: agent.keys.iter().map(bearer_key).collect(),
            ignores_unknown_fields: agent.ignores_unknown_fields,
            providers: agent.providers.clone(),
        }),
        merchant: adyen.merchant.as_ref().map(adyen_merchant_settings).map(Arc::new),
        delegate_keys: adyen.delegate_keys.iter().map(bearer_key).collect(),
    }
}

fn adyen_merchant_settings(merchant: &AdyenMerchantConfig) -> AdyenMerchantSettings {
    AdyenMerchantSettings {
        auth: match &merchant.auth {
            AdyenAuthConfig::Basic(users) => AdyenMerchantAuth::Basic(users.iter().map(bearer_key).collect()),
            AdyenAuthConfig::Bearer(keys) => AdyenMerchantAuth::Bearer(keys.iter().map(bearer_key).collect()),
            AdyenAuthConfig::Hmac(keys) => AdyenMerchantAuth::Hmac(keys.clone()),
        },
        flow: merchant.flow,
        token_route: merchant.token_route.clone(),
        hold: merchant.hold,
        budget: merchant.budget,
        finalizes_without_result: merchant.finalizes_without_result,
        names: merchant.names.clone(),
    }
}

/// `None` without a webhook secret: events could not be verified.
fn stripe_event_settings(stripe: &StripeConfig) -> Option<StripeEventSettings> {
    (!stripe.webhook_secrets.is_empty()).then(|| StripeEventSettings {
        secrets: copy_secrets(&stripe.webhook_secrets),
        livemode: stripe.livemode,
    })
}

/// `None` without a secret of the hooks: they could not be verified.
fn stripe_hook_settings(stripe: &StripeConfig) -> Option<StripeHookSettings> {
    let hooks = stripe.hooks.as_ref()?;
    Some(StripeHookSettings {
        secrets: copy_secrets(&hooks.secrets),
        livemode: stripe.livemode,
        hold: hooks.hold,
        pending_hold: hooks.pending_hold,
        difference: hooks.difference,
        tax: hooks.tax,
        reports_unknown: hooks.reports_unknown,
        names: hooks.names.clone(),
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
