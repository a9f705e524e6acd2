//! Request bodies of an agent, with what they mean to the domain.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::adyen::shape::address::{Address, recipient};
use crate::adyen::shape::affiliate_attribution::{AffiliateAttribution, Touchpoint};
use crate::adyen::shape::bounded_text::AssignedCurrency;
use crate::adyen::shape::buyer::Buyer;
use crate::adyen::shape::discounts::{DiscountsRequest, codes};
use crate::adyen::shape::item::ItemRequests;
use crate::adyen::shape::marketing_consent::{MarketingConsent, consents};
use crate::adyen::shape::payment_data::PaymentData;
use crate::fields::Id;
use crate::json::{BodyError, JsonValue, Nulls, read, read_ignoring_unknown};
use crate::settings::AdyenAgentSettings;
use tillhouse_checkout::cart::{CartEdit, Choice};
use tillhouse_checkout::contact;
use tillhouse_checkout::decision::{Attribution, Consent};
use tillhouse_checkout::ids::OptionId;
use tillhouse_checkout::money::Currency;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct CreateRequest {
    currency: AssignedCurrency,
    items: ItemRequests,
    fulfillment_address: Option<Address>,
    buyer: Option<Buyer>,
    fulfillment_option_id: Option<Id>,
    affiliate_attribution: Option<AffiliateAttribution>,
    discounts: Option<DiscountsRequest>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct UpdateRequest {
    currency: Option<AssignedCurrency>,
    items: Option<ItemRequests>,
    buyer: Option<Buyer>,
    fulfillment_address: Option<Address>,
    fulfillment_option_id: Option<Id>,
    discounts: Option<DiscountsRequest>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct CompleteRequest {
    payment_data: PaymentData,
    affiliate_attribution: Option<AffiliateAttribution>,
    buyer: Option<Buyer>,
    marketing_consents: Option<Vec<MarketingConsent>>,
}

/// A cancellation has no body. One that is sent may say nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct CancelRequest {}

/// What a create request asks for.
#[derive(Debug)]
pub(crate) struct Creation {
    pub(crate) currency: Currency,
    pub(crate) edit: CartEdit,
    pub(crate) attribution: Option<Attribution>,
}

/// What an update request asks for.
#[derive(Debug)]
pub(crate) struct SessionChange {
    /// Must be that of the session.
    pub(crate) currency: Option<Currency>,
    pub(crate) edit: CartEdit,
}

/// What a complete request asks for.
#[derive(Debug)]
pub(crate) struct Completion {
    pub(crate) provider: String,
    pub(crate) token: String,
    pub(crate) billing: Option<contact::Address>,
    pub(crate) edit: CartEdit,
    pub(crate) consents: Vec<Consent>,
    pub(crate) attribution: Option<Attribution>,
}

/// Reads the bodies of one merchant's agents.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyReader {
    ignores_unknown_fields: bool,
}

impl BodyReader {
    pub(crate) const fn of(settings: &AdyenAgentSettings) -> Self {
        Self {
            ignores_unknown_fields: settings.ignores_unknown_fields,
        }
    }

    fn read<T: DeserializeOwned>(self, body: &JsonValue) -> Result<T, BodyError> {
        if self.ignores_unknown_fields {
            read_ignoring_unknown(body, Nulls::Refused)
        } else {
            read(body, Nulls::Refused)
        }
    }

    pub(crate) fn create(self, body: &JsonValue) -> Result<Creation, BodyError> {
        let request: CreateRequest = self.read(body)?;
        let attribution = request.affiliate_attribution;
        Ok(Creation {
            currency: request.currency.0,
            edit: CartEdit {
                items: Some(request.items.0),
                codes: codes(request.discounts),
                buyer: request.buyer.map(Into::into).into(),
                recipient: request.fulfillment_address.map(recipient).into(),
                choices: request.fulfillment_option_id.map(choice),
                ..CartEdit::default()
            },
            attribution: attribution.map(|attribution| attribution.at(Touchpoint::First)),
        })
    }

    /// What is left out stays; a buyer and an address are replaced as a whole.
    pub(crate) fn update(self, body: &JsonValue) -> Result<SessionChange, BodyError> {
        let request: UpdateRequest = self.read(body)?;
        Ok(SessionChange {
            currency: request.currency.map(|currency| currency.0),
            edit: CartEdit {
                items: request.items.map(|items| items.0),
                codes: codes(request.discounts),
                buyer: request.buyer.map(Into::into).into(),
                recipient: request.fulfillment_address.map(recipient).into(),
                choices: request.fulfillment_option_id.map(choice),
                ..CartEdit::default()
            },
        })
    }

    /// The buyer overrides or supplements what is known: what is left out stays.
    pub(crate) fn complete(self, body: &JsonValue) -> Result<Completion, BodyError> {
        let request: CompleteRequest = self.read(body)?;
        let payment = request.payment_data;
        let attribution = request.affiliate_attribution;
        Ok(Completion {
            provider: payment.provider.0,
            token: payment.token.0,
            billing: payment.billing_address.map(Into::into),
            edit: CartEdit {
                buyer_supplement: request.buyer.map(Into::into),
                ..CartEdit::default()
            },
            consents: consents(request.marketing_consents.unwrap_or_default())?,
            attribution: attribution.map(|attribution| attribution.at(Touchpoint::Last)),
        })
    }

    /// Check the body of a cancellation, if there is one.
    pub(crate) fn cancel(self, body: Option<&JsonValue>) -> Result<(), BodyError> {
        let Some(body) = body else { return Ok(()) };
        self.read(body).map(|CancelRequest {}| ())
    }
}

fn choice(id: Id) -> Vec<Choice> {
    vec![Choice::of(OptionId::new(id.0))]
}
