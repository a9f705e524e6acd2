//! Amounts of the hooks: in Stripe's units of each currency, and where a tax does not divide.

use tillhouse_sandbox::Currency;
use tillhouse_sandbox::agent::Basket;
use tillhouse_sandbox::stripe::hooks::{Checkout, Decision, Hook, HookedCheckouts};
use tillhouse_tests::{Merchant, TestHost};

use super::{approved, customized, reason};

const COLUMNS: &str = "id,title,price,availability,shipping_type";

/// A shop that sells downloads without taxes in this currency.
async fn shop(currency: &str, rows: &str) -> TestHost {
    let merchant = Merchant::named("demo").untaxed().catalog(&format!("{COLUMNS}\n{rows}"));
    let merchant = merchant.set(&format!("currency = \"{currency}\""));
    TestHost::builder().merchant(merchant).frozen().start().await
}

fn songs(currency: &str) -> Basket {
    Basket {
        currency: Currency::parse(currency).unwrap(),
        ..Basket::of("song", 2)
    }
}

/// A checkout whose unit price is this one.
async fn priced(stripe: &HookedCheckouts, currency: &str, unit_amount: i64) -> Checkout {
    let mut checkout = stripe.opened(&songs(currency)).await.unwrap();
    checkout.lines[0].unit_amount = unit_amount;
    checkout
}

/// The price of one unit, that in minor units of ISO 4217, and in Stripe's units.
const SAME_MONEY: [(&str, &str, i64, i64); 5] = [
    ("jpy", "5000 JPY", 5000, 5000),
    ("kwd", "12.340 KWD", 12_340, 12_340),
    ("isk", "5000 ISK", 5000, 500_000),
    ("ugx", "5000 UGX", 5000, 500_000),
    ("mga", "5000 MGA", 500_000, 5000),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_is_of_the_same_money_in_stripes_units_and_in_the_order() {
    for (currency, price, minor, units) in SAME_MONEY {
        let host = shop(currency, &format!("song,Song,{price},in_stock,digital\n")).await;
        let stripe = host.stripe_hooks();
        let checkout = approved(&stripe, &songs(currency)).await;
        assert_eq!(
            (checkout.lines[0].unit_amount, checkout.total()),
            (units, 2 * units),
            "{currency}"
        );
        stripe.tell(&checkout.completed_event("paid")).await.unwrap();
        let total = host.order_of(&checkout.id).await.total;
        assert_eq!(total.amount.minor(), 2 * minor, "{currency}");
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_that_stripe_takes_no_payment_of_is_never_approved() {
    for (currency, price, nearest) in [
        ("kwd", "12.341 KWD", [12_340, 12_345]),
        ("kwd", "6.171 KWD", [6_170, 6_175]),
        ("mga", "50.25 MGA", [50, 51]),
    ] {
        let host = shop(currency, &format!("song,Song,{price},in_stock,digital\n")).await;
        let stripe = host.stripe_hooks();
        for unit_amount in nearest {
            let Ok(mut checkout) = stripe.opened(&songs(currency)).await else {
                continue;
            };
            checkout.lines[0].unit_amount = unit_amount;
            let decision = stripe.approve(&mut checkout, None).await;
            assert!(
                matches!(decision, Decision::Declined(_)),
                "{price} as {unit_amount}: {decision:?}"
            );
            assert!(host.attempts_of(&checkout.id).await.is_empty(), "{price}");
        }
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fractions_of_a_unit_and_other_steps_of_a_currency_are_refused() {
    for (currency, price, unit_amount, total) in [
        ("kwd", "12.340 KWD", 12_341, 24_682),
        ("isk", "5000 ISK", 500_001, 1_000_002),
        ("ugx", "5000 UGX", 500_050, 1_000_100),
    ] {
        let host = shop(currency, &format!("song,Song,{price},in_stock,digital\n")).await;
        let stripe = host.stripe_hooks();
        let checkout = priced(&stripe, currency, unit_amount).await;
        let mut data = checkout.approval();
        data["amount_total"] = total.into();
        let answer = stripe.send(Hook::Approval, "h", &data).await.unwrap();
        let is_approved = answer.body["manual_approval_details"]["type"] == "approved";
        assert!(!is_approved, "{currency}: {answer:?}");
        assert!(host.attempts_of(&checkout.id).await.is_empty(), "{currency}");
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn taxes_that_do_not_divide_come_to_the_same_at_stripe_and_here() {
    let prices = [
        "0.07", "0.69", "1.03", "3.33", "9.99", "19.99", "33.34", "66.67", "1234.57",
    ];
    let rows: String = prices
        .iter()
        .enumerate()
        .map(|(index, price)| format!("odd-{index},Odd,{price} USD,in_stock,digital\n"))
        .collect();
    let merchant = Merchant::named("demo").catalog(&format!("{COLUMNS}\n{rows}"));
    let host = TestHost::builder().merchant(merchant).frozen().start().await;
    let stripe = host.stripe_hooks();
    for (index, quantity) in (0..prices.len()).flat_map(|index| [(index, 1), (index, 3), (index, 7)]) {
        let basket = Basket::of(format!("odd-{index}"), quantity);
        let mut checkout = customized(&stripe, &basket).await;
        let decision = stripe.approve(&mut checkout, None).await;
        assert_eq!(decision, Decision::Approved, "{quantity} of {}", prices[index]);
        assert!(checkout.tax() >= 0);
    }
    let both = Basket {
        items: vec![
            ("odd-3".to_owned(), 2),
            ("odd-5".to_owned(), 1),
            ("odd-8".to_owned(), 3),
        ],
        ..Basket::of("odd-0", 1)
    };
    let mut checkout = customized(&stripe, &both).await;
    assert_eq!(stripe.approve(&mut checkout, None).await, Decision::Approved);
    checkout.lines[0].unit_amount += 1;
    let wrong = stripe.approve(&mut checkout, None).await;
    assert!(reason(&wrong).starts_with("price_differs"), "{wrong:?}");
}
