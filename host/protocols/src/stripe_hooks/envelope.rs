//! The envelope of a hook: `{type, id, livemode, context?, data}`.

use serde_json::Value;

use super::errors;
use crate::error_response::ErrorResponse;
use crate::fields::Id;
use crate::json::JsonValue;

/// What the types of hooks begin with. One that is not known is refused: it wants an answer, and not an acknowledgement.
const PREFIXES: [&str; 4] = [
    "v1.delegated_checkout.",
    "v1.delegated_commerce.",
    "delegated_checkout.",
    "delegated_commerce.",
];

/// Longest id of a hook, in bytes: it is an idempotency key.
const MAX_ID: usize = 255;

/// A hook that is answered, by its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HookKind {
    /// May this order be paid?
    Approval,
    /// How can it be delivered, and what is its tax?
    Customization,
    /// What does a product cost, and is it in stock?
    PriceAvailability,
}

impl HookKind {
    const ALL: [Self; 3] = [Self::Approval, Self::Customization, Self::PriceAvailability];

    /// Its `type` in the envelope.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Approval => "v1.delegated_checkout.finalize_checkout",
            Self::Customization => "v1.delegated_checkout.customize_checkout",
            Self::PriceAvailability => "delegated_commerce.product_price_availability",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A hook that is answered.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    pub(crate) kind: HookKind,
    /// Unique for the account: a repeated hook has the same.
    pub(crate) id: String,
    /// The account that it is about, where it names one.
    pub(crate) context: Option<String>,
    /// What is asked; `null` where the envelope has none.
    pub(crate) data: JsonValue,
}

/// Whether a body is a hook, known or not: by its type, and by not having the shape of an event.
pub(crate) fn is_hook(body: &[u8]) -> bool {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return false;
    };
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let has_event_shape = text("object").is_some_and(|object| matches!(object, "event" | "v2.core.event"));
    let is_named_so = text("type").is_some_and(|name| PREFIXES.iter().any(|prefix| name.starts_with(prefix)));
    is_named_so && !has_event_shape
}

/// Read the envelope.
///
/// # Errors
/// 400 for a type that is not known, a missing id, and a mode other than the account's.
pub(crate) fn read(body: &JsonValue, livemode: bool) -> Result<Hook, ErrorResponse> {
    let JsonValue::Object(members) = body else {
        return Err(errors::refused("invalid", "the body must be an object"));
    };
    let text = |name: &str| match members.get(name) {
        Some(JsonValue::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let named = text("type").unwrap_or_default();
    let Some(kind) = HookKind::named(named) else {
        let known = HookKind::ALL.map(HookKind::name).join(", ");
        let message =
            format!("this hook is not known here: nothing was done, and it is not acknowledged; known are {known}");
        return Err(errors::refused("unknown_hook", message).with_param("$.type"));
    };
    let id = text("id").and_then(|id| Id::try_from(id.to_owned()).ok());
    let Some(id) = id.filter(|id| id.0.len() <= MAX_ID) else {
        let message = format!("id: must be a text of 1 to {MAX_ID} bytes: a repeated hook is known by it");
        return Err(errors::refused("invalid", message).with_param("$.id"));
    };
    if members.get("livemode") != Some(&JsonValue::Bool(livemode)) {
        let message = "livemode mismatch: the hook does not match `livemode` of the merchant's Stripe account";
        return Err(errors::refused("livemode_mismatch", message).with_param("$.livemode"));
    }
    Ok(Hook {
        kind,
        id: id.0,
        context: text("context")
            .and_then(|account| Id::try_from(account.to_owned()).ok())
            .map(|account| account.0),
        data: members.get("data").cloned().unwrap_or(JsonValue::Null),
    })
}
