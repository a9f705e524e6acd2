//! The bodies of Adyen's calls to the merchant: the only place that knows them. Adyen publishes the endpoints and nothing of their bodies,
//! so that everything here is an assumption:
//!
//! - A session has the members of the agent's requests, with their limits: `items`, `currency`, `buyer`, `fulfillment_address`,
//!   `fulfillment_option_id`, `discounts`, `affiliate_attribution`. What a later call leaves out stays as it is.
//! - A commit may say what Adyen is about to charge (`amount`), where it is billed to, what risk signals there are, and what the buyer has
//!   answered. It may say nothing.
//! - A finalize call has Adyen's reference (`pspReference`) and `resultCode`, whose values are those of its Checkout API
//!   (<https://docs.adyen.com/online-payments/build-your-integration/payment-result-codes>), and may have the `amount`. Without a result it
//!   says that the payment was authorised, unless that is refused by `finalize_without_result`. One whose members all have other names says
//!   nothing that is understood, and is refused in any case: it may say that the payment was refused.
//! - A delivered token is in `payment_data.token`, with what else a commit has.
//! - An amount is `{"value", "currency"}`, as in Adyen's other APIs, or a number of minor units in the currency of the session; in either
//!   case in Adyen's units.
//!
//! Every name is a setting (`merchant.names`), and may be a path. Members that no name means are not read, not kept and not part of what an
//! idempotency key stands for; so is what looks like a card number ([`card_numbers`]).

mod card_numbers;
mod payment;
mod risk_signals;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use crate::adyen::shape::address::{Address, recipient};
use crate::adyen::shape::affiliate_attribution::{AffiliateAttribution, Touchpoint};
use crate::adyen::shape::buyer::Buyer;
use crate::adyen::shape::discounts::{DiscountsRequest, codes};
use crate::adyen::shape::item::ItemRequests;
use crate::fields::{CurrencyCode, Id};
use crate::json::{BodyError, JsonValue, Nulls, read_ignoring_unknown};
use crate::settings::{AdyenMember, AdyenNames};
use card_numbers::without_card_numbers;
pub(crate) use payment::ReportedPayment;
use tillhouse_checkout::cart::{CartEdit, Choice};
use tillhouse_checkout::contact;
use tillhouse_checkout::decision::Attribution;
use tillhouse_checkout::ids::OptionId;
use tillhouse_checkout::money::Currency;

/// What a body says, by what it means.
#[derive(Clone, Debug)]
pub(crate) struct AdyenBody {
    found: BTreeMap<AdyenMember, FoundMember>,
    /// Whether the body has members, and none of them means anything.
    is_foreign: bool,
}

#[derive(Clone, Debug)]
struct FoundMember {
    /// The name that it was found by: a path.
    name: String,
    value: JsonValue,
}

/// What a session is to be.
#[derive(Debug)]
pub(crate) struct SessionBody {
    pub(crate) currency: Option<Currency>,
    pub(crate) edit: CartEdit,
    pub(crate) attribution: Option<Attribution>,
}

impl AdyenBody {
    /// Find the members of a body. An empty body says nothing.
    ///
    /// # Errors
    /// When the body is not an object.
    pub(crate) fn of(body: Option<&JsonValue>, names: &AdyenNames) -> Result<Self, BodyError> {
        let mut found = BTreeMap::new();
        let is_foreign = false;
        let Some(body) = body else {
            return Ok(Self { found, is_foreign });
        };
        let JsonValue::Object(members) = body else {
            return Err(BodyError::invalid(format!("must be an object, not {}", body.name())));
        };
        for member in AdyenMember::ALL {
            let named = names.of(*member).find_map(|name| Some((name, at(body, name)?)));
            let Some((name, value)) = named else { continue };
            let value = if may_look_like_a_card_number(*member) {
                Some(value.clone())
            } else {
                without_card_numbers(value)
            };
            if let Some(value) = value {
                let name = name.to_owned();
                found.insert(*member, FoundMember { name, value });
            }
        }
        let says_something = members.values().any(|value| *value != JsonValue::Null);
        let is_foreign = found.is_empty() && says_something;
        Ok(Self { found, is_foreign })
    }

    /// What an idempotency key stands for: all that is read of the body.
    pub(crate) fn to_json(&self) -> JsonValue {
        let members = self.found.iter();
        JsonValue::Object(
            members
                .map(|(member, found)| (member.key().to_owned(), found.value.clone()))
                .collect(),
        )
    }

    /// The body of a call that creates or changes a session.
    ///
    /// # Errors
    /// When a member has another form.
    pub(crate) fn session(&self) -> Result<SessionBody, BodyError> {
        let items: Option<ItemRequests> = self.read(AdyenMember::Items)?;
        let discounts: Option<DiscountsRequest> = self.read(AdyenMember::Discounts)?;
        let buyer: Option<Buyer> = self.read(AdyenMember::Buyer)?;
        let address: Option<Address> = self.read(AdyenMember::FulfillmentAddress)?;
        let option: Option<Id> = self.read(AdyenMember::FulfillmentOption)?;
        let currency: Option<CurrencyCode> = self.read(AdyenMember::Currency)?;
        Ok(SessionBody {
            currency: currency.map(|currency| currency.0),
            edit: CartEdit {
                items: items.map(|items| items.0),
                codes: codes(discounts),
                buyer: buyer.map(Into::into).into(),
                recipient: address.map(recipient).into(),
                choices: option.map(|id| vec![Choice::of(OptionId::new(id.0))]),
                ..CartEdit::default()
            },
            attribution: self.attribution(Touchpoint::First)?,
        })
    }

    fn attribution(&self, touchpoint: Touchpoint) -> Result<Option<Attribution>, BodyError> {
        let attribution: Option<AffiliateAttribution> = self.read(AdyenMember::Attribution)?;
        Ok(attribution.map(|attribution| attribution.at(touchpoint)))
    }

    fn billing(&self) -> Result<Option<contact::Address>, BodyError> {
        let address: Option<Address> = self.read(AdyenMember::BillingAddress)?;
        Ok(address.map(Into::into))
    }

    /// Read a member; `None` if the body has none.
    fn read<T: DeserializeOwned>(&self, member: AdyenMember) -> Result<Option<T>, BodyError> {
        let Some(found) = self.found.get(&member) else {
            return Ok(None);
        };
        let value = read_ignoring_unknown(&found.value, Nulls::Accepted);
        value.map(Some).map_err(|error| error.in_path(&found.name))
    }

    fn value(&self, member: AdyenMember) -> Option<&JsonValue> {
        self.found.get(&member).map(|found| &found.value)
    }

    /// The name that a member was found by.
    fn name(&self, member: AdyenMember) -> &str {
        self.found.get(&member).map_or(member.key(), |found| &found.name)
    }

    /// An error about a member that the body has.
    fn error(&self, member: AdyenMember, message: impl Into<String>) -> BodyError {
        BodyError::invalid(message).in_path(self.name(member))
    }
}

/// The value at a path; `None` where there is none, or `null`.
fn at<'b>(body: &'b JsonValue, path: &str) -> Option<&'b JsonValue> {
    let mut value = body;
    for part in path.split('.') {
        let JsonValue::Object(members) = value else {
            return None;
        };
        value = members.get(part)?;
    }
    (*value != JsonValue::Null).then_some(value)
}

/// Ids of others, which may be digits only: a reference of Adyen has sixteen, an item is often known by its barcode. A token is checked by
/// who takes it.
const fn may_look_like_a_card_number(member: AdyenMember) -> bool {
    matches!(
        member,
        AdyenMember::PspReference
            | AdyenMember::Items
            | AdyenMember::FulfillmentOption
            | AdyenMember::Amount
            | AdyenMember::Token
    )
}
