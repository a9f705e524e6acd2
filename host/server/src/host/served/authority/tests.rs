use super::*;
use tillhouse_runtime::Capability::{
    Inventory, Lifecycle, Orders, Payments, PaymentsList, Pricing, PricingRedemption, Tax,
};

fn set(capabilities: &[Capability]) -> Capabilities {
    capabilities.iter().copied().collect()
}

/// A merchant whose plugin under change serves these, beside another one for taxes and the bundled shop.
fn serving(own: &[Capability]) -> Serving {
    Serving {
        own: set(own),
        others: set(&[Tax]),
        bundled: set(&[Lifecycle, Pricing, PricingRedemption, Inventory]),
    }
}

/// Names of what is lost and gained by a change of a plugin whose configured release exports this.
fn change(before: &[Capability], next: &[Capability], configured: &[Capability]) -> (String, String) {
    let change = AuthorityChange::of(serving(before), serving(next), set(configured));
    (names(change.lost), names(change.gained))
}

fn found(lost: &str, gained: &str) -> (String, String) {
    (lost.to_owned(), gained.to_owned())
}

#[test]
fn a_release_loses_what_nobody_else_serves_and_gains_what_another_does() {
    let processor = [Lifecycle, Payments, PaymentsList];
    let cases = [
        (&processor[..], &processor[..], &processor[..], found("", "")),
        (
            &processor,
            &[Pricing, PricingRedemption],
            &processor,
            found("payments, payments-list", "pricing, pricing-redemption"),
        ),
        (&processor, &[Payments], &processor, found("payments-list", "")),
        // The bundled shop takes over what the plugin leaves.
        (&[Pricing, PricingRedemption], &[Orders], &[], found("", "")),
        (&[Orders], &[Orders, Inventory], &[Orders, Inventory], found("", "")),
        // The bundled shop does not redeem codes that it did not price.
        (
            &[Orders],
            &[Orders, Pricing],
            &[Orders],
            found("pricing-redemption", "pricing"),
        ),
        (&[Payments], &[Payments, Orders], &[Payments], found("", "")),
        (&[Payments], &[Payments, Tax], &[Payments], found("", "tax")),
    ];
    for (before, next, configured, expected) in cases {
        assert_eq!(change(before, next, configured), expected, "{before:?} -> {next:?}");
    }
}

#[test]
fn each_flag_allows_its_own_half() {
    let change = AuthorityChange::of(serving(&[Payments]), serving(&[Pricing]), set(&[Payments]));
    assert!(change.loses_payments());
    let refused = |lost, gained| {
        let refusal = change.ensure_allowed(AllowedChanges { lost, gained });
        refusal.map_err(|error| error.message).err().unwrap_or_default()
    };
    let (neither, lost, gained) = (refused(false, false), refused(true, false), refused(false, true));
    assert!(
        neither.contains("--allow-lost") && neither.contains("--allow-gained"),
        "{neither}"
    );
    assert!(
        lost.contains("take over pricing") && !lost.contains("--allow-lost"),
        "{lost}"
    );
    assert!(
        gained.contains("serve pricing-redemption, payments any more"),
        "{gained}"
    );
    assert_eq!(refused(true, true), "");
}
