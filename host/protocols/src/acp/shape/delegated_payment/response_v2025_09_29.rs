//! The token of a delegated payment (schema `DelegatePaymentResponse`).

use std::collections::BTreeMap;

use serde::Serialize;

use tillhouse_checkout::vault::DelegatedPayment;

#[derive(Serialize)]
struct DelegatePaymentResponse<'a> {
    id: &'a str,
    created: String,
    metadata: &'a BTreeMap<String, String>,
}

/// The body of the response. The metadata is that of the request, with what the vault adds.
pub(crate) fn render(delegated: &DelegatedPayment, metadata: &BTreeMap<String, String>) -> Vec<u8> {
    let response = DelegatePaymentResponse {
        id: delegated.token.as_str(),
        created: delegated.created.rfc3339(),
        metadata,
    };
    serde_json::to_vec(&response).unwrap_or_default()
}
