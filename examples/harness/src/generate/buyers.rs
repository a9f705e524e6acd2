//! Generators of buyers and recipients.

use proptest::option;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Just, Strategy, Union};
use tillhouse_plugin::types::{Buyer, Company, Loyalty, Recipient, TaxExemption};

use super::any_text;

/// A guest, a signed-in buyer or a business, perhaps exempt from tax; any field may be missing.
pub(super) fn any_buyer() -> impl Strategy<Value = Buyer> {
    let account = select(vec![None, Some("guest"), Some("registered"), Some("business")]);
    let names = (any_email(), option::of(any_text()), option::weighted(0.3, any_text()));
    let customer = (account, option::of(Just("cus_1")), option::weighted(0.3, any_loyalty()));
    let business = (
        option::weighted(0.3, any_company()),
        option::weighted(0.2, any_exemption()),
    );
    (names, customer, business).prop_map(
        |((email, name, first_name), (account, customer, loyalty), (company, tax_exemption))| Buyer {
            email,
            name,
            first_name,
            signed_in: customer.is_some(),
            customer_id: customer.map(str::to_owned),
            account: account.map(str::to_owned),
            company,
            tax_exemption,
            loyalty,
            ..Buyer::default()
        },
    )
}

/// A person who receives the goods; any field may be missing.
pub(super) fn any_recipient() -> impl Strategy<Value = Recipient> {
    (option::of(any_text()), any_email()).prop_map(|(name, email)| Recipient {
        name,
        email,
        phone: None,
    })
}

fn any_email() -> BoxedStrategy<Option<String>> {
    let email = Union::new([Just("jane@example.com".to_owned()).boxed(), any_text().boxed()]);
    option::of(email).boxed()
}

fn any_company() -> impl Strategy<Value = Company> {
    (any_text(), option::of(select(vec!["DE123456789", "not-a-tax-id"]))).prop_map(|(name, tax_id)| Company {
        name,
        tax_id: tax_id.map(str::to_owned),
        ..Company::default()
    })
}

/// A certificate that may have expired in 1970, or be valid in no region that is known.
fn any_exemption() -> impl Strategy<Value = TaxExemption> {
    let kind = select(vec!["resale", "exempt_organization", "government", "no-such-kind"]);
    let regions = select(vec![Vec::new(), vec!["US-CA"], vec!["US-CA", "US-NY"], vec!["XX"]]);
    let expires = select(vec![None, Some(0), Some(4_102_444_800_000)]);
    (kind, regions, expires).prop_map(|(kind, regions, expires)| TaxExemption {
        certificate: "cert_1".to_owned(),
        kind: kind.to_owned(),
        regions: regions.into_iter().map(str::to_owned).collect(),
        expires,
    })
}

fn any_loyalty() -> impl Strategy<Value = Loyalty> {
    let points = select(vec![None, Some(0), Some(120), Some(u64::MAX)]);
    (option::of(select(vec!["gold", "silver"])), points).prop_map(|(tier, points)| Loyalty {
        tier: tier.map(str::to_owned),
        points,
        member_since: None,
    })
}
