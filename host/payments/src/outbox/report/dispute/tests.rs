//! What the report of a dispute says to Stripe.

use tillhouse_checkout::ids::{MerchantId, OrderId, SessionId, TokenId};
use tillhouse_checkout::money::{Amount, Currency};
use tillhouse_checkout::order::{ChangeSource, OrderChange, OrderChangeKind, OrderProgress};
use tillhouse_checkout::payment_token::IssuerName;

use super::super::ReportedOutcome;
use super::*;

fn money(minor: i64) -> Money {
    Money {
        amount: Amount::new(minor).unwrap(),
        currency: Currency::new("USD").unwrap(),
    }
}

fn payment() -> PaymentReport {
    PaymentReport {
        issuer: IssuerName::Stripe,
        key: "key_1".into(),
        token: TokenId::new("spt_1"),
        amount: money(5000),
        initiated: Timestamp(1_000),
        settled: Timestamp(2_000),
        reference: "pa_1".into(),
        outcome: ReportedOutcome::Guaranteed,
        failure_code: None,
        cancel_reason: None,
        sale: None,
    }
}

fn order() -> Order {
    Order {
        id: OrderId::new("ord_1"),
        number: None,
        permalink: "https://shop.example/1".into(),
        merchant: MerchantId::new("acme"),
        session: SessionId::new("cs_1"),
        attempt: AttemptId::new("pa_1"),
        total: money(5000),
        created: Timestamp(2_000),
        progress: OrderProgress::default(),
    }
}

fn dispute(status: &str, amount: Option<i64>, reason: Option<&str>) -> Adjustment {
    Adjustment {
        id: "dp_1".into(),
        kind: DISPUTE.into(),
        status: status.into(),
        lines: Vec::new(),
        amount: amount.map(money),
        reason: reason.map(str::to_owned),
        code: None,
        at: Timestamp(60_000),
    }
}

fn with(order: &Order, adjustment: Adjustment) -> Order {
    let change = OrderChange {
        source: ChangeSource::Processor,
        id: format!("{}:{}", adjustment.id, adjustment.status),
        at: adjustment.at,
        what: OrderChangeKind::Adjusted(Box::new(adjustment)),
    };
    order.apply(&change).unwrap().unwrap()
}

fn reported(before: &Order, after: &Order) -> Option<Vec<(&'static str, String)>> {
    let report = DisputeReport::since(before, after, &payment()).pop()?;
    Some(report.form().unwrap())
}

fn owned<const N: usize>(form: [(&'static str, &str); N]) -> Vec<(&'static str, String)> {
    form.map(|(name, value)| (name, value.to_owned())).to_vec()
}

#[test]
fn an_open_dispute_is_reported_with_its_reason_and_its_reference() {
    let before = order();
    let after = with(&before, dispute("pending", Some(1200), Some("Product not received")));
    let expected = owned([
        ("amount[value]", "1200"),
        ("amount[currency]", "usd"),
        ("initiated_at", "1"),
        ("reason", "product_not_received"),
        ("processor_details[type]", "custom"),
        ("processor_details[custom][dispute_reference]", "pa_1:dp_1"),
    ]);
    assert_eq!(reported(&before, &after), Some(expected));
}

#[test]
fn a_lost_dispute_has_taken_the_money_and_a_won_one_is_closed_only() {
    let open = with(&order(), dispute("pending", None, None));
    let value = |form: &[(&str, String)], name: &str| {
        form.iter()
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value.clone())
    };
    let lost = reported(&open, &with(&open, dispute("completed", None, None))).unwrap();
    assert_eq!(value(&lost, "funded[type]").as_deref(), Some("withdrawn"));
    assert_eq!(
        value(&lost, "funded[amount][value]").as_deref(),
        Some("5000"),
        "all of the payment"
    );
    assert_eq!(value(&lost, "closed[closed_at]").as_deref(), Some("60"));
    let won = reported(&open, &with(&open, dispute("failed", None, None))).unwrap();
    assert_eq!(value(&won, "funded[type]"), None);
    assert_eq!(value(&won, "closed[closed_at]").as_deref(), Some("60"));
}

#[test]
fn what_changes_nothing_of_a_dispute_is_not_reported() {
    let open = with(&order(), dispute("pending", None, None));
    let under_review = with(&open, dispute("under_review", None, None));
    assert_eq!(reported(&open, &under_review), None);
    let refund = Adjustment {
        id: "re_1".into(),
        kind: "refund".into(),
        ..dispute("completed", Some(100), None)
    };
    assert_eq!(reported(&open, &with(&open, refund)), None);
}

#[test]
fn each_report_has_a_key_of_its_own() {
    let new = order();
    let open = with(&new, dispute("pending", None, None));
    let lost = with(&open, dispute("completed", None, None));
    let key = |before, after| DisputeReport::since(before, after, &payment())[0].key.clone();
    assert_ne!(key(&new, &open), key(&open, &lost));
    assert_eq!(key(&new, &open), key(&new, &open));
}

#[test]
fn a_reason_that_stripe_does_not_have_is_left_out() {
    let of = |reason| DisputeReason::of(&dispute("pending", None, Some(reason))).map(DisputeReason::as_str);
    assert_eq!(of("Goods Not Received"), Some("product_not_received"));
    assert_eq!(of("fraudulent"), Some("fraudulent"));
    assert_eq!(of("10.4"), None);
    assert_eq!(of(""), None);
}
