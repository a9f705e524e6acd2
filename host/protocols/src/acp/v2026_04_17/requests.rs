//! Requests of ACP 2026-04-17: those of 2026-01-30 with a company in addresses, notes and consents.

use serde::Deserialize;

use crate::acp::shape::address::request_v2026_04_17::Address;
use crate::acp::shape::intent_trace::request_v2025_12_12::trace;
use crate::acp::shape::marketing_consent::request_v2026_04_17::{MarketingConsent, consents};
use crate::acp::v2026_01_30::requests::{complete_with, create_with, update_with};
use crate::acp::{Completion, Creation};
use crate::fields::{Id, Lines, Nullable};
use crate::json::{BodyError, JsonValue, Nulls, read_added};
use crate::settings::AcpSettings;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::ids::SavedCartId;
use tillhouse_checkout::intent_trace::IntentTrace;

/// `null` in place of an optional field takes away what an earlier request sent (ACP RFC agentic checkout §6.2); where nothing can have
/// been sent before, it is as good as no field.
const NULLS: Nulls = Nulls::Accepted;

/// Members that the release added to create. `cart_id` is in the RFC of carts (§6), and missing in the schema: the items and the buyer are
/// then those of the cart.
#[derive(Debug, Deserialize)]
struct AddedToCreate {
    order_notes: Option<Lines>,
    cart_id: Option<Id>,
}

/// Members that the release added to update.
#[derive(Debug, Deserialize)]
struct AddedToUpdate {
    #[serde(default)]
    order_notes: Nullable<Lines>,
}

/// Members that the release added to complete.
#[derive(Debug, Deserialize)]
struct AddedToComplete {
    marketing_consents: Option<Vec<MarketingConsent>>,
    #[serde(default)]
    order_notes: Nullable<Lines>,
}

pub(crate) fn create(body: &JsonValue) -> Result<Creation, BodyError> {
    let read = |body: &JsonValue| create_with::<Address>(body, NULLS);
    let (creation, added): (Creation, AddedToCreate) = read_added(body, &["order_notes", "cart_id"], NULLS, read)?;
    Ok(Creation {
        edit: CartEdit {
            notes: added.order_notes.map(|notes| notes.0).into(),
            ..creation.edit
        },
        saved_cart: added.cart_id.map(|id| SavedCartId::new(id.0)),
        ..creation
    })
}

pub(crate) fn update(body: &JsonValue) -> Result<CartEdit, BodyError> {
    let read = |body: &JsonValue| update_with::<Address>(body, NULLS);
    let (edit, added): (CartEdit, AddedToUpdate) = read_added(body, &["order_notes"], NULLS, read)?;
    Ok(CartEdit {
        notes: added.order_notes.into_change().map(|notes| notes.0),
        ..edit
    })
}

pub(crate) fn complete(body: &JsonValue, settings: &AcpSettings) -> Result<Completion, BodyError> {
    let members = ["marketing_consents", "order_notes"];
    let read = |body: &JsonValue| complete_with::<Address>(body, settings, NULLS);
    let (completion, added): (Completion, AddedToComplete) = read_added(body, &members, NULLS, read)?;
    Ok(Completion {
        edit: CartEdit {
            notes: added.order_notes.into_change().map(|notes| notes.0),
            ..completion.edit
        },
        consents: consents(added.marketing_consents.unwrap_or_default())?,
        ..completion
    })
}

pub(crate) fn cancel(body: Option<&JsonValue>) -> Result<Option<IntentTrace>, BodyError> {
    body.map_or(Ok(None), |body| trace(body, NULLS))
}
