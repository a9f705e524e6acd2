//! Requests of an agent, as the edges pass them on.

use std::sync::Arc;
use std::time::Duration;

use tillhouse_checkout::cart::{CartEdit, RequestedItem};
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::device::Device;
use tillhouse_checkout::idempotency::{IdempotencyKey, IdempotencyScope, Reply};
use tillhouse_checkout::ids::{ItemId, SessionId};
use tillhouse_checkout::operation::{CompleteRequest, CreateRequest, RenderFn, ResponseRecorder};
use tillhouse_checkout::payment_token::PaymentToken;
use tillhouse_checkout::session::Agent;

use super::{ITEM, START, caller, merchant};

/// The creation of a session with one download.
pub(crate) fn creation() -> CreateRequest {
    CreateRequest {
        caller: caller(),
        id: None,
        currency: None,
        edit: CartEdit {
            items: Some(vec![RequestedItem {
                item: ItemId::new(ITEM),
                quantity: 1,
            }]),
            ..CartEdit::default()
        },
        agent: Agent {
            display_name: Some("Example Agent".into()),
            ..Agent::default()
        },
        attribution: None,
        saved_cart: None,
    }
}

/// A completion of this session with a token, and nothing else.
pub(crate) fn completion(session: &SessionId) -> CompleteRequest {
    CompleteRequest {
        caller: caller(),
        session: session.clone(),
        token: PaymentToken::stripe("spt_1"),
        expected: None,
        authentication: None,
        billing: None,
        edit: CartEdit::default(),
        device: Device::default(),
        signals: Vec::new(),
        consents: Vec::new(),
        attribution: None,
        deadline: None,
    }
}

/// A completion of this session with this token.
pub(crate) fn completion_with(session: &SessionId, token: &str) -> CompleteRequest {
    CompleteRequest {
        token: PaymentToken::stripe(token),
        ..completion(session)
    }
}

pub(crate) fn recorder() -> ResponseRecorder {
    let render: RenderFn = Arc::new(|session| Reply {
        status: 200,
        body: session.state.name().into(),
    });
    ResponseRecorder::new(None, render, Deadline::default())
}

/// An idempotency key of this name, for the same body each time.
pub(crate) fn key(name: &str) -> IdempotencyKey {
    IdempotencyKey {
        scope: IdempotencyScope {
            merchant: merchant(),
            principal: "agent".into(),
            endpoint: "POST /checkout_sessions".into(),
            key: name.into(),
        },
        fingerprint: [1; 32],
        expires: START.after(Duration::from_secs(3600)),
    }
}
