//! Conversion of ACP 2026-04-17 requests to the domain.

mod buyer;

use std::collections::BTreeSet;

use std::sync::Arc;

use super::wire::authentication::{self, Outcome};
use super::wire::request as wire;
use crate::acp::{Completion, Creation};
use crate::fields::{Code, Lines, Metadata, Nullable};
use crate::json::{BodyError, BodyErrorKind, JsonValue, Nulls, read};
use crate::settings::AcpSettings;
use buyer::buyer;
use tillhouse_checkout::authentication::{AuthenticationOutcome, AuthenticationResult};
use tillhouse_checkout::cart::{CartEdit, Choice, RequestedItem};
use tillhouse_checkout::contact::{Address, Recipient, RecipientEdit};
use tillhouse_checkout::decision::Consent;
use tillhouse_checkout::device::Device;
use tillhouse_checkout::ids::{ItemId, LineId, OptionId, TokenId};
use tillhouse_checkout::payment_token::PaymentToken;
use tillhouse_checkout::session::Agent;

/// Maximum characters of `trace_summary` (schema `IntentTrace`).
const MAX_SUMMARY: usize = 500;

pub(crate) fn create(body: &JsonValue) -> Result<Creation, BodyError> {
    let request: wire::CreateRequest = read(body, Nulls::Accepted)?;
    check_groups(request.fulfillment_groups.as_deref())?;
    check_attribution(request.affiliate_attribution.as_ref())?;
    let capabilities = request.capabilities;
    let interventions = capabilities.interventions.and_then(|offered| offered.supported);
    let extensions = capabilities.extensions.unwrap_or_default();
    Ok(Creation {
        currency: Some(request.currency.0),
        edit: CartEdit {
            items: Some(requested_items(request.line_items)),
            codes: codes(request.discounts, request.coupons),
            buyer: request.buyer.map(buyer).into(),
            recipient: request.fulfillment_details.map(whole_recipient).into(),
            notes: request.order_notes.map(|notes| notes.0).into(),
            locale: request.locale.map(|locale| locale.0),
            time_zone: request.timezone.map(|zone| zone.0),
            quote_id: request.quote_id.map(|id| id.0),
            extensions: request.metadata.map(pairs),
            ..CartEdit::default()
        },
        agent: Agent {
            interventions: interventions.unwrap_or_default(),
            extensions: extensions.into_iter().map(|extension| extension.0).collect(),
            ..Agent::default()
        },
    })
}

pub(crate) fn update(body: &JsonValue) -> Result<CartEdit, BodyError> {
    let request: wire::UpdateRequest = read(body, Nulls::Accepted)?;
    check_groups(request.fulfillment_groups.as_deref())?;
    let line_items = match request.line_items {
        Nullable::Null => {
            let error =
                BodyError::invalid("cannot be taken away: a checkout needs at least one item; cancel it instead");
            return Err(error.in_field("line_items"));
        }
        Nullable::Absent => None,
        Nullable::Given(items) => Some(items),
    };
    let selected = request.selected_fulfillment_options.into_list();
    let kinds = selected.iter().flatten();
    let kinds = kinds.map(|entry| (OptionId::new(entry.option_id.0.as_str()), entry.kind.into()));
    Ok(CartEdit {
        items: line_items.map(requested_items),
        codes: codes(request.discounts, request.coupons),
        buyer: request.buyer.into_change().map(buyer),
        recipient: request.fulfillment_details.into_change().map(whole_recipient),
        chosen_kinds: kinds.collect(),
        choices: selected.map(|entries| entries.into_iter().map(choice).collect()),
        notes: request.order_notes.into_change().map(|notes| notes.0),
        ..CartEdit::default()
    })
}

pub(crate) fn complete(body: &JsonValue, settings: &AcpSettings) -> Result<Completion, BodyError> {
    let request: wire::CompleteRequest = read(body, Nulls::Accepted)?;
    check_attribution(request.affiliate_attribution.as_ref())?;
    let authentication = request.authentication_result.map(authentication).transpose();
    let authentication = authentication.map_err(|error| error.in_field("authentication_result"))?;
    let mut payment = request.payment_data;
    let billing = payment.billing_address.take().map(address);
    Ok(Completion {
        token: token(payment, settings).map_err(|error| error.in_field("payment_data"))?,
        authentication,
        billing,
        edit: CartEdit {
            buyer: request.buyer.into_change().map(buyer),
            notes: request.order_notes.into_change().map(|notes| notes.0),
            ..CartEdit::default()
        },
        device: request.risk_signals.map(device).unwrap_or_default(),
        consents: consents(request.marketing_consents.unwrap_or_default())?,
    })
}

pub(crate) fn cancel(body: &JsonValue) -> Result<(), BodyError> {
    let request: wire::CancelRequest = read(body, Nulls::Accepted)?;
    let summary = request.intent_trace.and_then(|trace| trace.trace_summary);
    match summary {
        Some(Lines(text)) if text.chars().count() > MAX_SUMMARY => {
            let error = BodyError::invalid(format!("must not be longer than {MAX_SUMMARY} characters"));
            Err(error.in_field("trace_summary").in_field("intent_trace"))
        }
        _ => Ok(()),
    }
}

/// The payment token. Only the advertised payment handlers are supported; the error names the unsupported payment method.
fn token(payment: wire::PaymentData, settings: &AcpSettings) -> Result<PaymentToken, BodyError> {
    let offered = || {
        settings
            .handlers
            .iter()
            .map(|handler| handler.id.as_str())
            .collect::<Vec<_>>()
            .join(" or ")
    };
    let unsupported = |message: String| BodyError::new(BodyErrorKind::Unsupported, message);
    let missing = |field| BodyError::new(BodyErrorKind::Missing, "is required").in_field(field);
    if payment.purchase_order_number.is_some() {
        let message = format!("purchase orders are not supported; pay with handler {}", offered());
        return Err(unsupported(message).in_field("purchase_order_number"));
    }
    if payment.payment_terms.is_some_and(|terms| terms != "immediate") {
        return Err(unsupported("only immediate payment is supported".into()).in_field("payment_terms"));
    }
    let chosen = payment.handler_id.ok_or_else(|| missing("handler_id"))?;
    let handler = settings.handler(&chosen).ok_or_else(|| {
        let message = format!("is not a payment handler of this merchant; use {}", offered());
        BodyError::invalid(message).in_field("handler_id")
    })?;
    let instrument = payment.instrument.ok_or_else(|| missing("instrument"))?;
    if instrument.kind != "card" {
        return Err(unsupported("must be card".into())
            .in_field("type")
            .in_field("instrument"));
    }
    if !handler.credential_types.contains(&instrument.credential.kind.as_str()) {
        let types = handler.credential_types.join(" or ");
        let error = unsupported(format!("must be {types}, a token for handler {}", handler.id));
        return Err(error.in_field("type").in_field("credential").in_field("instrument"));
    }
    Ok(PaymentToken {
        issuer: handler.issuer,
        id: TokenId::new(instrument.credential.token.0),
    })
}

fn authentication(result: authentication::AuthenticationResult) -> Result<AuthenticationResult, BodyError> {
    let outcome = match result.outcome {
        Outcome::Abandoned => AuthenticationOutcome::Abandoned,
        Outcome::AttemptAcknowledged => AuthenticationOutcome::AttemptAcknowledged,
        Outcome::Authenticated => AuthenticationOutcome::Authenticated,
        Outcome::Canceled => AuthenticationOutcome::Canceled,
        Outcome::Denied => AuthenticationOutcome::Denied,
        Outcome::Informational => AuthenticationOutcome::Informational,
        Outcome::InternalError => AuthenticationOutcome::InternalError,
        Outcome::NotSupported => AuthenticationOutcome::NotSupported,
        Outcome::ProcessingError => AuthenticationOutcome::ProcessingError,
        Outcome::Rejected => AuthenticationOutcome::Rejected,
    };
    let Some(details) = result.outcome_details else {
        if outcome.permits_a_charge() {
            let message = format!("is required when the outcome is {}", outcome.name());
            return Err(BodyError::new(BodyErrorKind::Missing, message).in_field("outcome_details"));
        }
        return Ok(AuthenticationResult::without_details(outcome));
    };
    Ok(AuthenticationResult {
        outcome,
        cryptogram: Some(Arc::new(details.three_ds_cryptogram.0)),
        eci: Some(details.electronic_commerce_indicator.code().to_owned()),
        transaction_id: Some(details.transaction_id),
        version: Some(details.version),
    })
}

fn requested_items(items: Vec<wire::Item>) -> Vec<RequestedItem> {
    let requested = |item: wire::Item| RequestedItem {
        item: ItemId::new(item.id.0),
        quantity: item.quantity.map_or(1, |quantity| quantity.0),
    };
    items.into_iter().map(requested).collect()
}

/// The discount codes. `coupons` is the deprecated name; `discounts.codes` takes precedence.
fn codes(discounts: Nullable<wire::Discounts>, coupons: Nullable<Vec<Code>>) -> Option<Vec<String>> {
    let codes = match discounts {
        Nullable::Null => Nullable::Null,
        Nullable::Absent => Nullable::Absent,
        Nullable::Given(discounts) => discounts.codes,
    };
    let codes = codes.into_list().or_else(|| coupons.into_list())?;
    Some(codes.into_iter().map(|code| code.0).collect())
}

/// A chosen option with its lines, whose ids are those of their items. An entry may repeat an item, as `line_items` may.
fn choice(entry: wire::SelectedFulfillmentOption) -> Choice {
    let mut seen = BTreeSet::new();
    let lines = entry.item_ids.into_iter().map(|id| LineId::new(id.0));
    Choice {
        option: OptionId::new(entry.option_id.0),
        lines: lines.filter(|line| seen.insert(line.clone())).collect(),
    }
}

fn check_groups(groups: Option<&[serde::de::IgnoredAny]>) -> Result<(), BodyError> {
    if groups.is_some_and(|groups| !groups.is_empty()) {
        let message = "several destinations in one order are not supported; use fulfillment_details";
        Err(BodyError::new(BodyErrorKind::Unsupported, message).in_field("fulfillment_groups"))
    } else {
        Ok(())
    }
}

fn check_attribution(attribution: Option<&wire::AffiliateAttribution>) -> Result<(), BodyError> {
    match attribution {
        Some(given) if given.token.is_none() && given.publisher_id.is_none() => {
            let error = BodyError::new(BodyErrorKind::Missing, "requires a token or a publisher_id");
            Err(error.in_field("affiliate_attribution"))
        }
        _ => Ok(()),
    }
}

/// Metadata as extensions of the plugin contract, whose keys have hyphens: `gift_wrap` becomes `gift-wrap`.
fn pairs(metadata: Metadata) -> Vec<(String, String)> {
    let kebab = |(key, value): (String, String)| (key.replace('_', "-"), value);
    metadata.0.into_iter().map(kebab).collect()
}

fn device(signals: wire::RiskSignals) -> Device {
    Device {
        ip: signals.ip_address,
        user_agent: signals.user_agent,
        accept_language: signals.accept_language,
        fingerprint: signals.device_fingerprint,
        session: signals.session_id,
    }
}

/// The answers to the marketing consents. A channel that is answered twice is refused: which answer counts is not for the host
/// to decide.
fn consents(given: Vec<wire::MarketingConsent>) -> Result<Vec<Consent>, BodyError> {
    let mut seen = BTreeSet::new();
    if let Some(index) = given.iter().position(|consent| !seen.insert(&consent.channel.0)) {
        let error = BodyError::invalid("repeats a channel; send one answer per channel").in_field("channel");
        return Err(error.at_index(index).in_field("marketing_consents"));
    }
    let consent = |consent: wire::MarketingConsent| Consent {
        channel: consent.channel.0,
        granted: consent.opted_in,
    };
    Ok(given.into_iter().map(consent).collect())
}

fn whole_recipient(details: wire::FulfillmentDetails) -> RecipientEdit {
    RecipientEdit::Whole(Recipient {
        name: details.name,
        phone: details.phone_number,
        email: details.email.map(|email| email.0),
        address: details.address.map(address),
    })
}

fn address(address: wire::Address) -> Address {
    Address {
        name: address.name,
        company: address.company.unwrap_or_default(),
        line_one: address.line_one,
        line_two: address.line_two.unwrap_or_default(),
        city: address.city,
        region: address.state,
        country: address.country.0,
        postal_code: address.postal_code,
        ..Address::default()
    }
}
