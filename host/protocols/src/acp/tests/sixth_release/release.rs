//! The made-up release 2026-12-31: a `gift_message` of create, and other shapes of addresses and risk signals.

use serde::{Deserialize, Serialize};

use super::address::{RequestedAddress, ShownAddress};
use super::risk_signals::RiskSignals;
use crate::acp::release_definition::{ReleaseDefinition, RenderContext, body};
use crate::acp::rendering::shown_messages;
use crate::acp::shape::message::response_v2026_04_17::Message;
use crate::acp::shape::payment_handler::response_v2026_04_17::PaymentHandler;
use crate::acp::v2026_01_30::requests::{complete_with, create_with, update_with};
use crate::acp::v2026_01_30::session::{MESSAGE_PATHS, SessionCore};
use crate::acp::{Completion, Creation, v2026_04_17};
use crate::fields::Lines;
use crate::json::{BodyError, JsonValue, Nulls, read_added};
use crate::settings::AcpSettings;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::session::Session;

pub(super) static RELEASE: ReleaseDefinition = ReleaseDefinition {
    date: "2026-12-31",
    key_rules: v2026_04_17::RELEASE.key_rules,
    fields: v2026_04_17::RELEASE.fields,
    read_create: create,
    read_update: |body| update_with::<RequestedAddress>(body, Nulls::Accepted),
    read_complete: complete,
    read_cancel: v2026_04_17::requests::cancel,
    render,
    carts: None,
    delegation: v2026_04_17::RELEASE.delegation,
    order_event: v2026_04_17::RELEASE.order_event,
};

#[derive(Debug, Deserialize)]
struct AddedToCreate {
    gift_message: Option<Lines>,
}

#[derive(Debug, Deserialize)]
struct ChangedInComplete {
    risk_signals: Option<RiskSignals>,
}

fn create(body: &JsonValue) -> Result<Creation, BodyError> {
    let read = |body: &JsonValue| create_with::<RequestedAddress>(body, Nulls::Accepted);
    let (creation, added): (Creation, AddedToCreate) = read_added(body, &["gift_message"], Nulls::Accepted, read)?;
    Ok(Creation {
        edit: CartEdit {
            notes: added.gift_message.map(|text| text.0).into(),
            ..creation.edit
        },
        ..creation
    })
}

fn complete(body: &JsonValue, settings: &AcpSettings) -> Result<Completion, BodyError> {
    let read = |body: &JsonValue| complete_with::<RequestedAddress>(body, settings, Nulls::Accepted);
    let (completion, changed): (Completion, ChangedInComplete) =
        read_added(body, &["risk_signals"], Nulls::Accepted, read)?;
    Ok(Completion {
        device: changed.risk_signals.map(Into::into).unwrap_or_default(),
        ..completion
    })
}

#[derive(Debug, Serialize)]
struct CheckoutSession<'a> {
    #[serde(flatten)]
    core: SessionCore<'a, ShownAddress<'a>, PaymentHandler<'a>>,
    messages: Vec<Message<'a>>,
}

fn render(session: &Session, context: RenderContext<'_>) -> Vec<u8> {
    body(&CheckoutSession {
        core: SessionCore::new(session, context, RELEASE.date),
        messages: shown_messages(session, &MESSAGE_PATHS),
    })
}
