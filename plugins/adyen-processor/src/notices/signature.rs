//! The signature of an item: HMAC-SHA256 in base64, under a key that is configured in hexadecimal.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::item::Item;

/// Where an item has its signature.
const SIGNATURE: &str = "hmacSignature";

/// Whether an item is signed with one of the keys.
pub(super) fn is_valid(item: &Item, keys: &[Vec<u8>]) -> bool {
    let signature = item.additional(SIGNATURE).and_then(|text| STANDARD.decode(text).ok());
    let Some(signature) = signature else { return false };
    let signed = signed_text(item);
    let mut is_valid = false;
    for key in keys {
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(key) else {
            continue;
        };
        // Compares in constant time.
        is_valid |= mac.chain_update(&signed).verify_slice(&signature).is_ok();
    }
    is_valid
}

/// What is signed: these members with colons between them; one that is absent is empty.
fn signed_text(item: &Item) -> String {
    let amount = item.amount.as_ref();
    [
        item.psp_reference.as_str(),
        item.original_reference.as_deref().unwrap_or_default(),
        &item.merchant_account_code,
        item.merchant_reference.as_deref().unwrap_or_default(),
        &amount.map(|amount| amount.value.to_string()).unwrap_or_default(),
        amount.map_or("", |amount| &amount.currency),
        &item.event_code,
        item.success_text(),
    ]
    .join(":")
}

#[cfg(test)]
pub(super) mod signing {
    //! Signs items as Adyen does.

    use super::*;

    pub(in crate::notices) fn signature(item: &Item, key: &str) -> String {
        let key = hex::decode(key).unwrap_or_default();
        let mac = Hmac::<Sha256>::new_from_slice(&key).map(|mac| mac.chain_update(signed_text(item)));
        mac.map(|mac| STANDARD.encode(mac.finalize().into_bytes()))
            .unwrap_or_default()
    }
}
