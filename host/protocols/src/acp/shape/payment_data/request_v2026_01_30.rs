//! How the buyer pays (schema `PaymentData`): an instrument of a payment handler.

use serde::Deserialize;

use crate::acp::shape::payment_data::token_of;
use crate::fields::{DateTime, Id, SecretText};
use crate::json::BodyError;
use crate::settings::{AcpSettings, PaymentHandler};
use tillhouse_checkout::contact;
use tillhouse_checkout::payment_token::PaymentToken;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct PaymentData<Address> {
    handler_id: Option<String>,
    instrument: Option<Instrument>,
    billing_address: Option<Address>,
    purchase_order_number: Option<Id>,
    payment_terms: Option<PaymentTerms>,
    due_date: Option<DateTime>,
    approval_required: Option<bool>,
}

/// When the payment is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum PaymentTerms {
    #[serde(rename = "immediate")]
    Immediate,
    #[serde(rename = "net_15")]
    Net15,
    #[serde(rename = "net_30")]
    Net30,
    #[serde(rename = "net_60")]
    Net60,
    #[serde(rename = "net_90")]
    Net90,
}

/// The payment instrument. The schema allows additional fields.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
struct Instrument {
    #[serde(rename = "type")]
    kind: String,
    credential: Credential,
}

/// The credential with the token. The schema allows additional fields.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
struct Credential {
    #[serde(rename = "type")]
    kind: String,
    token: SecretText,
}

/// What a request pays with.
#[derive(Debug)]
pub(crate) struct Payment {
    pub(crate) token: PaymentToken,
    pub(crate) billing: Option<contact::Address>,
    /// Number of the purchase order that the payment belongs to.
    pub(crate) purchase_order: Option<String>,
}

impl<Address: Into<contact::Address>> PaymentData<Address> {
    /// What the request pays with. Only the advertised payment handlers are supported, and only payments at once; the error names what
    /// is not supported.
    pub(crate) fn payment(self, settings: &AcpSettings) -> Result<Payment, BodyError> {
        let token = self.check_terms().and_then(|()| self.token(settings));
        Ok(Payment {
            token: token.map_err(|error| error.in_field("payment_data"))?,
            billing: self.billing_address.map(Into::into),
            purchase_order: self.purchase_order_number.map(|number| number.0),
        })
    }

    fn check_terms(&self) -> Result<(), BodyError> {
        let refused = |field, message| Err(BodyError::unsupported(message).in_field(field));
        if self.payment_terms.is_some_and(|terms| terms != PaymentTerms::Immediate) {
            return refused("payment_terms", "only immediate payment is supported");
        }
        if self.due_date.is_some() {
            return refused("due_date", "is not supported: the payment is immediate");
        }
        if self.approval_required == Some(true) {
            return refused("approval_required", "is not supported: the payment is immediate");
        }
        Ok(())
    }

    fn token(&self, settings: &AcpSettings) -> Result<PaymentToken, BodyError> {
        let offered = || {
            let ids = settings.handlers.iter().map(|handler| handler.id.as_str());
            ids.collect::<Vec<_>>().join(" or ")
        };
        if self.purchase_order_number.is_some() && self.instrument.is_none() {
            let message = format!("does not pay on its own; pay with handler {}", offered());
            return Err(BodyError::unsupported(message).in_field("purchase_order_number"));
        }
        let chosen = self
            .handler_id
            .as_ref()
            .ok_or_else(|| BodyError::missing("handler_id"))?;
        let handler = settings.handler(chosen).ok_or_else(|| {
            let message = format!("is not a payment handler of this merchant; use {}", offered());
            BodyError::invalid(message).in_field("handler_id")
        })?;
        let instrument = self
            .instrument
            .as_ref()
            .ok_or_else(|| BodyError::missing("instrument"))?;
        let token = instrument.token(handler);
        token.map_err(|error| error.in_field("instrument"))
    }
}

impl Instrument {
    fn token(&self, handler: &PaymentHandler) -> Result<PaymentToken, BodyError> {
        if self.kind != "card" {
            return Err(BodyError::unsupported("must be card").in_field("type"));
        }
        let kinds = handler.credential_types;
        if !kinds.contains(&self.credential.kind.as_str()) {
            let message = format!("must be {}, a token for handler {}", kinds.join(" or "), handler.id);
            return Err(BodyError::unsupported(message).in_field("type").in_field("credential"));
        }
        token_of(handler.issuer, self.credential.token.0.reveal()).map_err(|error| error.in_field("credential"))
    }
}
