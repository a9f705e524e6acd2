//! Order ids, numbers and permalinks.

use tillhouse_plugin::{
    orders::{Event, Orders},
    prelude::*,
};

use crate::Shop;

/// Digits of Crockford's base 32, which avoids letters that look or sound like digits.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Orders for Shop {
    /// Derives id and number from the operation's id: retries get the same order, and concurrent checkouts do not contend for
    /// a sequence number.
    fn identify(_ctx: Context, op: Operation, _draft: Draft) -> Result<Identity, Failure> {
        let digest = fnv1a_128(op.id.as_bytes());
        let id = format!("ord_{}", base32(digest, 26).to_ascii_lowercase());
        let prefix = config::get("orders.prefix").unwrap_or_default();
        let number = format!("{prefix}{}-{}", base32(digest, 5), base32(digest >> 25, 5));
        let permalink = config::required("orders.permalink")?
            .replace("{id}", &id)
            .replace("{number}", &number);
        Ok(Identity {
            number: Some(number),
            ..Identity::new(id, permalink)
        })
    }

    /// Logs the event. A system of the merchant would be told of it here.
    fn notify(_ctx: Context, _op: Operation, event: Event) -> Result<(), Failure> {
        let fields = [
            ("order".into(), event.order),
            ("kind".into(), event.kind),
            ("revision".into(), event.revision.to_string()),
            ("status".into(), event.state.status),
        ];
        log::info("order event", &fields);
        Ok(())
    }
}

/// FNV-1a hash with 128 bits: distributes ids well and needs no dependency, but is not cryptographic.
fn fnv1a_128(bytes: &[u8]) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes
        .iter()
        .fold(OFFSET, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME))
}

/// Formats the lowest `digits` digits of a value in base 32.
fn base32(value: u128, digits: u32) -> String {
    let digit = |place: u32| {
        DIGITS
            .get(usize::try_from((value >> (place * 5)) & 31).unwrap_or(0))
            .copied()
            .unwrap_or(b'0')
    };
    (0..digits).rev().map(|place| char::from(digit(place))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::collections::BTreeSet;

    use super::*;

    fn identify(op: &str) -> Result<Identity, Failure> {
        let total = Money::new(Amount::ZERO, "USD");
        let draft = testing::draft(testing::cart(&[]), total);
        Shop::identify(testing::context("USD"), testing::operation(op), draft)
    }

    #[test]
    fn an_operation_gets_the_same_order_again_and_another_gets_another() {
        let _host = testing::Host::new()
            .config("orders.permalink", "https://shop.example/orders/{id}")
            .install();
        assert_eq!(identify("op_1").unwrap(), identify("op_1").unwrap());
        let identities: Vec<Identity> = (0..1_000).map(|n| identify(&format!("op_{n}")).unwrap()).collect();
        assert_eq!(
            identities
                .iter()
                .map(|identity| &identity.id)
                .collect::<BTreeSet<_>>()
                .len(),
            1_000
        );
        assert_eq!(
            identities
                .iter()
                .map(|identity| &identity.number)
                .collect::<BTreeSet<_>>()
                .len(),
            1_000
        );
    }

    #[test]
    fn the_permalink_carries_id_and_number() {
        let host = testing::Host::new().config("orders.prefix", "TH-");
        let _host = host
            .config("orders.permalink", "https://shop.example/{number}?id={id}")
            .install();
        let identity = identify("op_1").unwrap();
        let number = identity.number.unwrap();
        assert!(number.starts_with("TH-") && number.len() == 14, "{number}");
        assert_eq!(
            identity.permalink,
            format!("https://shop.example/{number}?id={}", identity.id)
        );
    }

    #[test]
    fn an_event_is_logged_without_the_buyer() {
        let host = testing::Host::new().install();
        let mut event = testing::order_event(testing::cart(&[("tee", 1)]), Money::new(Amount::ZERO, "USD"));
        event.notes = Some("Ring twice.".into());
        Shop::notify(testing::context("USD"), testing::operation("op_1"), event).unwrap();
        assert_eq!(
            host.lines(),
            ["info order event order=ord_test kind=created revision=1 status=confirmed"]
        );
    }

    #[test]
    fn without_a_permalink_the_error_names_the_key() {
        let _host = testing::Host::new().install();
        assert!(matches!(identify("op_1"), Err(Failure::Misconfigured(text)) if text.contains("orders.permalink")));
    }
}
