//! Price and availability of a product, just before a checkout completes: the only file that knows the hook's members. The name of each is
//! a setting.

use serde_json::{Map, Value, json};

use super::answer::ok;
use super::call::HookCall;
use super::{errors, to_wire};
use crate::error_response::RequestedLines;
use crate::fields::Id;
use crate::idempotent_post::PostError;
use crate::json::{BodyError, BodyErrorKind, JsonValue};
use crate::request_observer::HookAnswer;
use crate::settings::{StripeHookNames, StripePriceMember};
use tillhouse_checkout::cart::{CartEdit, RequestedItem};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::IdempotencyKey;
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::operation::{CheckoutResponse, CreateRequest};
use tillhouse_checkout::quote::QuoteLine;

impl HookCall {
    pub(super) async fn price_and_availability(
        &self,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let names = &self.settings.names;
        let sku = asked(&self.hook.data, names).map_err(|error| PostError::InvalidBody(error.into()))?;
        let edit = CartEdit {
            items: Some(vec![RequestedItem {
                item: sku.clone(),
                quantity: 1,
            }]),
            ..CartEdit::default()
        };
        let requested = RequestedLines::of(&edit);
        let request = CreateRequest {
            id: Some(self.session_of(None)),
            edit,
            ..self.creation()
        };
        let mut answer = Answer::of(&sku, names);
        if let Some(account) = &self.hook.context {
            answer.set(StripePriceMember::Merchant, json!(account));
        }
        match self.quoted(request).await {
            Ok(session) => {
                let line = session.quote.lines.first().ok_or_else(|| {
                    let refused = errors::of_domain(&CheckoutError::NothingAvailable, &requested);
                    PostError::Domain(refused)
                })?;
                let amount = to_wire::in_stripes_units(line.unit_price, session.currency);
                answer.set(StripePriceMember::Amount, json!(amount));
                answer.set(StripePriceMember::Currency, json!(session.currency.lower()));
                answer.set(StripePriceMember::Availability, json!(availability(line)));
                if let Some(units) = line.available {
                    answer.set(StripePriceMember::Quantity, json!(units));
                }
                let now = self.state.service.now();
                answer.set(StripePriceMember::AsOf, json!(now.seconds()));
                self.observe(if line.is_sold_out() {
                    HookAnswer::OutOfStock
                } else {
                    HookAnswer::Answered
                });
            }
            Err(CheckoutError::UnknownItem { .. }) => {
                answer.set(StripePriceMember::Deleted, json!(true));
                self.observe(HookAnswer::Answered);
            }
            Err(error) => {
                let refused = errors::of_domain(&error, &requested);
                return Err(PostError::Domain(refused.not_recorded()));
            }
        }
        self.record(key, ok(&answer.members)).await
    }
}

/// What the plugin says of the stock, in its own word where it has one.
fn availability(line: &QuoteLine) -> &str {
    match line.availability.as_deref() {
        _ if line.is_sold_out() => "out_of_stock",
        Some(stated) => stated,
        None => "in_stock",
    }
}

fn asked(data: &JsonValue, names: &StripeHookNames) -> Result<ItemId, BodyError> {
    let path = names.of(StripePriceMember::Asked);
    let mut value = Some(data);
    for part in path.split('.') {
        value = match value {
            Some(JsonValue::Object(members)) => members.get(part),
            _ => None,
        };
    }
    let wrong = match value {
        Some(JsonValue::Text(text)) => match Id::try_from(text.clone()) {
            Ok(id) => return Ok(ItemId::new(id.0)),
            Err(why) => BodyError::invalid(why),
        },
        Some(other) => BodyError::invalid(format!("must be a SKU, not {}", other.name())),
        None => BodyError::new(BodyErrorKind::Missing, "is required: the SKU that is asked about"),
    };
    Err(wrong.in_path(path).in_field("data"))
}

/// An answer whose members have the configured names.
struct Answer<'n> {
    names: &'n StripeHookNames,
    members: Map<String, Value>,
}

impl<'n> Answer<'n> {
    fn of(sku: &ItemId, names: &'n StripeHookNames) -> Self {
        let mut answer = Self {
            names,
            members: Map::new(),
        };
        answer.set(StripePriceMember::Sku, json!(sku.as_str()));
        answer
    }

    /// Set a member, at the end of its path.
    fn set(&mut self, member: StripePriceMember, value: Value) {
        let path = self.names.of(member);
        let (outer, name) = path.rsplit_once('.').unwrap_or(("", path));
        let mut members = &mut self.members;
        for part in outer.split('.').filter(|part| !part.is_empty()) {
            let inside = members.entry(part).or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(inside) = inside else { return };
            members = inside;
        }
        members.insert(name.to_owned(), value);
    }
}
