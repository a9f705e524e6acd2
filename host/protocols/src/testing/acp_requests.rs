//! Requests of each release with every member that its schema has.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{acp, with};
use crate::acp::Release;

pub(crate) const RELEASES: [Release; 5] = [
    Release::V2025_09_29,
    Release::V2025_12_12,
    Release::V2026_01_16,
    Release::V2026_01_30,
    Release::V2026_04_17,
];

/// An operation with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Update,
    Complete,
    Cancel,
}

impl Operation {
    pub(crate) const ALL: [Self; 4] = [Self::Create, Self::Update, Self::Complete, Self::Cancel];

    /// The definition of the body in the official schema.
    pub(crate) const fn definition(self) -> &'static str {
        match self {
            Self::Create => "CheckoutSessionCreateRequest",
            Self::Update => "CheckoutSessionUpdateRequest",
            Self::Complete => "CheckoutSessionCompleteRequest",
            Self::Cancel => "CancelSessionRequest",
        }
    }

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Create => "/checkout_sessions",
            Self::Update => "/checkout_sessions/cs_1",
            Self::Complete => "/checkout_sessions/cs_1/complete",
            Self::Cancel => "/checkout_sessions/cs_1/cancel",
        }
    }
}

/// A request with this body, under a key of its own.
pub(crate) fn request(release: Release, operation: Operation, body: &str) -> Request<Body> {
    let key = hex::encode(Sha256::digest(body));
    let request = acp("POST", operation.path(), &key, body.to_owned());
    with(request, "api-version", release.date())
}

fn has_line_items(release: Release) -> bool {
    release == Release::V2026_01_30 || release == Release::V2026_04_17
}

/// A whole body; `None` if the release has none for the operation.
pub(crate) fn body(release: Release, operation: Operation) -> Option<Value> {
    let is_first = release == Release::V2025_09_29;
    match operation {
        Operation::Create => Some(create(release)),
        Operation::Update => Some(update(release)),
        Operation::Complete => Some(complete(release)),
        Operation::Cancel if is_first => None,
        Operation::Cancel => Some(
            json!({"intent_trace": {"reason_code": "shipping_cost", "trace_summary": "Too dear",
            "metadata": {"text": "x", "number": 0.15, "yes": true}}}),
        ),
    }
}

fn create(release: Release) -> Value {
    if !has_line_items(release) {
        let mut body = json!({"items": [{"id": "mug", "quantity": 2}, {"id": "shirt", "quantity": 1}],
            "buyer": buyer(release)});
        if release == Release::V2025_09_29 {
            body["fulfillment_address"] = address(release);
        } else {
            body["fulfillment_details"] = details(release);
            body["affiliate_attribution"] = attribution();
        }
        return body;
    }
    let mut body = json!({
        "line_items": [{"id": "mug", "name": "Mug", "unit_amount": 1000}, {"id": "shirt"}],
        "currency": "usd",
        "capabilities": {
            "interventions": {"supported": ["3ds", "biometric"], "display_context": "webview", "redirect_context": "in_app",
                "max_redirects": 3, "max_interaction_depth": 2},
            "extensions": ["discount"],
        },
        "buyer": buyer(release),
        "fulfillment_details": details(release),
        "fulfillment_groups": [group(release)],
        "affiliate_attribution": attribution(),
        "coupons": ["OLD"],
        "discounts": {"codes": ["TEN"]},
        "locale": "en-US",
        "timezone": "America/New_York",
        "quote_id": "offer_1",
        "metadata": {"gift_wrap": true, "po": {"lines": [1, 2.5, null]}},
    });
    if release == Release::V2026_04_17 {
        body["order_notes"] = json!("Ring twice\nor knock");
    }
    body
}

fn update(release: Release) -> Value {
    let mut body = json!({"buyer": buyer(release)});
    if release == Release::V2025_09_29 {
        body["items"] = json!([{"id": "mug", "quantity": 3}]);
        body["fulfillment_address"] = address(release);
        body["fulfillment_option_id"] = json!("std");
        return body;
    }
    body["fulfillment_details"] = details(release);
    if !has_line_items(release) {
        body["items"] = json!([{"id": "mug", "quantity": 3}]);
        body["selected_fulfillment_options"] = json!([
            {"type": "shipping", "shipping": {"option_id": "std", "item_ids": ["mug"]}},
            {"type": "digital", "digital": {"option_id": "dl", "item_ids": ["song"]}},
        ]);
        return body;
    }
    body["line_items"] = json!([{"id": "mug", "name": "Mug", "unit_amount": 1000}]);
    body["fulfillment_groups"] = json!([group(release)]);
    body["selected_fulfillment_options"] = json!([{"type": "local_delivery", "option_id": "van", "item_ids": ["mug"]}]);
    body["coupons"] = json!(["OLD"]);
    body["discounts"] = json!({"codes": ["TEN"]});
    if release == Release::V2026_04_17 {
        body["order_notes"] = json!("Ring once");
    }
    body
}

fn complete(release: Release) -> Value {
    let mut body = json!({"buyer": buyer(release)});
    body["payment_data"] = if has_line_items(release) {
        json!({"handler_id": "card_tokenized", "purchase_order_number": "PO-7", "payment_terms": "immediate",
            "approval_required": false, "billing_address": address(release),
            "instrument": {"type": "card", "credential": {"type": "spt", "token": "spt_123"}}})
    } else {
        json!({"token": "spt_123", "provider": "stripe", "billing_address": address(release)})
    };
    if release == Release::V2025_09_29 {
        return body;
    }
    body["affiliate_attribution"] = attribution();
    body["authentication_result"] = json!({"outcome": "authenticated", "outcome_details": {
        "three_ds_cryptogram": "AAIBBYNoEwAAAAAAgiJjAAAAAAA=", "electronic_commerce_indicator": "05",
        "transaction_id": "97267598-FAE6-48F2-8083-B2D9AD8B9D9A", "version": "2.2.0"}});
    if has_line_items(release) {
        body["risk_signals"] = json!({"ip_address": "203.0.113.7", "user_agent": "Agent/1", "accept_language": "en",
            "session_id": "s_1", "device_fingerprint": "fp_1"});
    }
    if release == Release::V2026_04_17 {
        body["marketing_consents"] = json!([{"channel": "email", "opted_in": true}]);
        body["order_notes"] = json!("Leave it at the door");
    }
    body
}

fn buyer(release: Release) -> Value {
    let mut buyer =
        json!({"first_name": "Jane", "last_name": "Doe", "email": "jane@example.com", "phone_number": "+15550100"});
    if has_line_items(release) {
        buyer["full_name"] = json!("Jane Doe");
        buyer["customer_id"] = json!("c_1");
        buyer["account_type"] = json!("business");
        buyer["authentication_status"] = json!("authenticated");
        buyer["company"] = json!({"name": "Acme", "tax_id": "DE1", "department": "IT", "cost_center": "42"});
        buyer["loyalty"] = json!({"tier": "gold", "points_balance": 7, "member_since": "2020-01-01T00:00:00Z"});
        buyer["tax_exemption"] = json!({"certificate_id": "ex_1", "certificate_type": "resale", "exempt_regions": ["CA"],
            "expires_at": "2030-01-01T00:00:00Z"});
    }
    buyer
}

fn address(release: Release) -> Value {
    let mut address = json!({"name": "Jane Doe", "line_one": "123 Main St", "line_two": "Apt 4B", "city": "San Francisco",
        "state": "CA", "country": "US", "postal_code": "94105"});
    if release == Release::V2026_04_17 {
        address["company"] = json!("Acme");
    }
    address
}

fn details(release: Release) -> Value {
    json!({"name": "Jane Doe", "phone_number": "+15550100", "email": "jane@example.com", "address": address(release)})
}

fn group(release: Release) -> Value {
    json!({"id": "g_1", "item_ids": ["mug"], "destination_type": "pickup", "fulfillment_details": details(release),
        "location_id": "store_1", "instructions": "Ask for Joe"})
}

fn attribution() -> Value {
    json!({"provider": "affiliates.example", "token": "atp_1", "publisher_id": "pub_1", "campaign_id": "cmp_1",
        "creative_id": "cr_1", "sub_id": "u1=abc", "source": {"type": "url", "url": "https://publisher.example/review"},
        "issued_at": "2026-04-17T10:30:00Z", "expires_at": "2026-05-17T10:30:00Z",
        "metadata": {"placement": "top_pick", "rank": 1, "paid": true}, "touchpoint": "first"})
}
