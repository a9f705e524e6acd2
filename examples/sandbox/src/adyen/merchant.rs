//! The merchant behind: Adyen's calls to its server.
//!
//! Adyen documents the routes, but not the bodies. Those of sessions have the members of the agent API, and those of the payment the
//! members of the Checkout API; a merchant's adapter can be told other names.

mod auth;
mod call;
mod connection;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use serde_json::Value;
use tokio::time::timeout;

pub(super) use self::auth::basic;
pub use self::auth::{HMAC_SIGNATURE, MerchantAuth, PROTOCOL, hmac_signature};
pub(super) use self::call::MerchantFaults;
pub use self::call::{MerchantAnswer, MerchantCall, MerchantFault, NoAnswer};
pub use self::connection::{BUDGET, FinalizeBy, Flow, MerchantConnection};
use super::state::AdyenState;
use super::transcript::{Entry, Party};
use super::webhook::StandardWebhook;
use crate::outgoing::Outgoing;
use crate::sync::lock;

/// Company account of the default configuration, as in the examples of the agent API.
pub const COMPANY_ACCOUNT: &str = "ADYEN_MERCHANT_COMPANY_ACCOUNT";
/// Merchant account of the default configuration, as in the examples of the agent API.
pub const MERCHANT_ACCOUNT: &str = "ADYEN_MERCHANT_ACCOUNT";

/// What is on its way until a test lets it arrive.
#[derive(Clone, Debug)]
pub(super) enum Late {
    /// A call about a session.
    Call {
        merchant: Arc<MerchantConnection>,
        call: MerchantCall,
        session: String,
        body: Value,
    },
    /// A Standard webhook to this URL.
    Webhook { webhook: StandardWebhook, url: String },
}

/// Calls the merchant of a session, with the fault that is planned for the call. A null body is sent as an empty one.
pub(super) async fn call(
    state: &AdyenState,
    merchant: &Arc<MerchantConnection>,
    call: MerchantCall,
    session: &str,
    body: &Value,
) -> Result<MerchantAnswer, NoAnswer> {
    match state.merchant_faults.take(call) {
        Some(MerchantFault::Lost) => Err(NoAnswer::NotDelivered),
        Some(MerchantFault::Late) => {
            lock(&state.late).push(Late::Call {
                merchant: Arc::clone(merchant),
                call,
                session: session.to_owned(),
                body: body.clone(),
            });
            Err(NoAnswer::NotDelivered)
        }
        Some(MerchantFault::Doubled) => {
            let (first, _) = tokio::join!(
                send(state, merchant, call, session, body),
                send(state, merchant, call, session, body)
            );
            first
        }
        Some(MerchantFault::LoseAnswer | MerchantFault::OutOfBudget) => {
            let _ = send(state, merchant, call, session, body).await;
            Err(NoAnswer::TimedOut)
        }
        // The caller reorders, because only it knows the next call.
        Some(MerchantFault::Reordered) | None => send(state, merchant, call, session, body).await,
    }
}

/// Sends the call now, without any fault.
pub(super) async fn send(
    state: &AdyenState,
    merchant: &MerchantConnection,
    call: MerchantCall,
    session: &str,
    body: &Value,
) -> Result<MerchantAnswer, NoAnswer> {
    let raw = if body.is_null() {
        Bytes::new()
    } else {
        body.to_string().into()
    };
    let suffix = match call {
        MerchantCall::Commit => "/commit".to_owned(),
        MerchantCall::Finalize => "/finalize".to_owned(),
        MerchantCall::Cancel => "/cancel".to_owned(),
        MerchantCall::Token => format!("/{}", merchant.token_route),
        MerchantCall::Session | MerchantCall::Webhook => String::new(),
    };
    let outgoing = Outgoing {
        url: format!("{}/agentic/sessions/{session}{suffix}", merchant.base_url),
        headers: merchant.auth.headers(&raw),
        body: raw,
    };
    exchange(state, Party::Merchant, outgoing, merchant.budget).await
}

/// Sends a request and keeps it in the transcript.
pub(super) async fn exchange(
    state: &AdyenState,
    to: Party,
    outgoing: Outgoing,
    budget: Duration,
) -> Result<MerchantAnswer, NoAnswer> {
    let position = state.transcript.begin(Entry::request(
        Party::Adyen,
        to,
        "POST",
        &outgoing.path(),
        &outgoing.body,
    ));
    let answered = timeout(budget, outgoing.send()).await;
    let (status, raw) = answered
        .map_err(|_| NoAnswer::TimedOut)?
        .map_err(|_| NoAnswer::Unreachable)?;
    state.transcript.answered(position, status, &raw);
    Ok(MerchantAnswer {
        status,
        body: super::transcript::json_or_text(&raw),
    })
}
