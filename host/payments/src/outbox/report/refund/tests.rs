//! What the report of a refund says to Stripe.

use tillhouse_checkout::ids::TokenId;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::payment_token::IssuerName;

use super::super::ReportedOutcome;
use super::*;

fn money(minor: i64, code: &str) -> Money {
    Money {
        amount: Amount::new(minor).unwrap(),
        currency: Currency::new(code).unwrap(),
    }
}

fn report(minor: i64, code: &str) -> RefundReport {
    RefundReport {
        key: "key_1-re_1".into(),
        attempt: AttemptId::new("pa_1"),
        payment: PaymentReport {
            issuer: IssuerName::Stripe,
            key: "key_1".into(),
            token: TokenId::new("spt_1"),
            amount: money(10_000, code),
            initiated: Timestamp(1_000),
            settled: Timestamp(2_000),
            reference: "pa_1".into(),
            outcome: ReportedOutcome::Guaranteed,
            failure_code: None,
            cancel_reason: None,
        },
        amount: money(minor, code),
        before: Amount::new(300).unwrap(),
        initiated: Timestamp(60_000),
        settled: Timestamp(61_500),
        reference: "re_1".into(),
    }
}

#[test]
fn a_refund_is_reported_as_stripe_documents_it() {
    let form = report(1200, "USD").form().unwrap();
    let expected = [
        ("amount[value]", "1200"),
        ("amount[currency]", "usd"),
        ("initiated_at", "60"),
        ("outcome", "refunded"),
        ("refunded[refunded_at]", "61"),
        ("processor_details[type]", "custom"),
        ("processor_details[custom][refund_reference]", "re_1"),
    ];
    assert_eq!(form, expected.map(|(name, value)| (name, value.to_owned())));
}

#[test]
fn amounts_are_in_stripes_units_and_never_rounded() {
    let value = |minor, code| report(minor, code).form().map(|form| form[0].1.clone());
    assert_eq!(value(5000, "JPY").as_deref(), Ok("5000"));
    assert_eq!(value(5000, "ISK").as_deref(), Ok("500000"));
    assert!(value(5050, "MGA").is_err(), "Stripe counts whole ariary");
}

#[test]
fn a_record_with_the_refund_shows_it_beside_those_before() {
    assert_eq!(report(1200, "USD").refunded_with_it(), Ok(money(1500, "USD")));
}
