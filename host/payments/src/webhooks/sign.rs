//! `Merchant-Signature: t=<unix seconds>,v1=<hex>[,v1=<hex>]`: HMAC-SHA256 over time and raw body, as ACP 2026-04-17 defines and
//! older releases leave open (<https://github.com/agentic-commerce-protocol/agentic-commerce-protocol>).
//!
//! While a secret is being replaced there are two, and a signature of each: the target accepts the one that it has, so that the
//! two sides need not change at the same moment.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::time::Timestamp;

/// Name of the header.
pub(super) const HEADER: &str = "merchant-signature";

/// The value of the header for a body sent now.
pub(super) fn signature(secrets: &[Arc<Secret>], body: &[u8], now: Timestamp) -> String {
    let time = now.seconds().to_string();
    let signed = secrets.iter().filter_map(|secret| mac(secret, &time, body));
    signed.fold(format!("t={time}"), |header, mac| format!("{header},v1={mac}"))
}

/// HMAC takes keys of every length, so that there always is a signature.
fn mac(secret: &Secret, time: &str, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).ok()?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Arc<Secret> {
        Arc::new(Secret::new(text.into()))
    }

    #[test]
    fn a_vector_computed_with_another_implementation() {
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_test
        let header = signature(&[secret("whsec_test")], br#"{"a":1}"#, Timestamp(1_700_000_000_999));
        assert_eq!(
            header,
            "t=1700000000,v1=38877139021993b830af32feea6e18a8da83eb2f6e49ee50bd9e4cf4ca4d3789"
        );
    }

    #[test]
    fn every_secret_signs() {
        let secrets = [secret("old"), secret("new")];
        let [old, new] = [0, 1].map(|at| signature(&secrets[at..=at], b"x", Timestamp(0)));
        let both = signature(&secrets, b"x", Timestamp(0));
        assert_eq!(both, format!("{old},{}", new.strip_prefix("t=0,").unwrap()));
    }
}
