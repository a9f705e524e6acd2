//! What a report says to Stripe.

use tillhouse_checkout::money::{Amount, Currency};

use super::*;

fn report(minor: i64, code: &str, outcome: ReportedOutcome) -> PaymentReport {
    PaymentReport {
        issuer: IssuerName::Stripe,
        key: "key_1".into(),
        token: TokenId::new("spt_1"),
        amount: Money {
            amount: Amount::new(minor).unwrap(),
            currency: Currency::new(code).unwrap(),
        },
        initiated: Timestamp(1_000),
        settled: Timestamp(2_000),
        reference: "pa_1".into(),
        outcome,
        failure_code: None,
        cancel_reason: None,
        sale: None,
    }
}

/// The value of a parameter of the form.
fn value(report: &PaymentReport, name: &str) -> Option<String> {
    let form = report.form().unwrap();
    form.into_iter()
        .find(|(parameter, _)| *parameter == name)
        .map(|(_, value)| value)
}

#[test]
fn amounts_are_reported_in_stripes_units() {
    for (minor, code, units) in [
        (1000, "USD", "1000"),
        (5000, "JPY", "5000"),
        (500_000, "MGA", "5000"),
        (5000, "ISK", "500000"),
        (5000, "UGX", "500000"),
        (12_340, "KWD", "12340"),
    ] {
        let report = report(minor, code, ReportedOutcome::Guaranteed);
        for name in ["amount_requested[value]", "guaranteed[amount][value]"] {
            assert_eq!(value(&report, name).as_deref(), Some(units), "{code}");
        }
        for name in ["amount_requested[currency]", "guaranteed[amount][currency]"] {
            assert_eq!(value(&report, name), Some(code.to_lowercase()));
        }
    }
}

#[test]
fn an_amount_that_stripe_has_no_unit_for_is_not_reported_as_another() {
    for (minor, code) in [(5050, "MGA"), (1000, "LYD")] {
        assert!(
            report(minor, code, ReportedOutcome::Guaranteed).form().is_err(),
            "{code}"
        );
    }
}

#[test]
fn a_failure_and_a_cancellation_have_their_reason() {
    let failed = PaymentReport {
        failure_code: Some(FailureCode::InsufficientFunds),
        ..report(1000, "USD", ReportedOutcome::Failed)
    };
    assert_eq!(
        value(&failed, "failed[failure_code]").as_deref(),
        Some("insufficient_funds")
    );
    let canceled = PaymentReport {
        cancel_reason: Some(CancelReason::MerchantCanceled),
        ..report(1000, "USD", ReportedOutcome::Canceled)
    };
    assert_eq!(
        value(&canceled, "canceled[reason]").as_deref(),
        Some("merchant_canceled")
    );
    for bare in [
        ReportedOutcome::Guaranteed,
        ReportedOutcome::Failed,
        ReportedOutcome::Canceled,
    ] {
        let bare = report(1000, "USD", bare);
        assert_eq!(
            (value(&bare, "failed[failure_code]"), value(&bare, "canceled[reason]")),
            (None, None)
        );
    }
}

#[test]
fn a_record_can_be_found_by_the_order_and_the_checkout() {
    let sold = PaymentReport {
        sale: Some(ReportedSale {
            order: "ord_1".into(),
            session: SessionId::new("cs_1"),
        }),
        ..report(1000, "USD", ReportedOutcome::Guaranteed)
    };
    for (name, expected) in [
        ("metadata[order]", "ord_1"),
        ("metadata[checkout_session]", "cs_1"),
        ("customer_presence", "on_session"),
    ] {
        assert_eq!(value(&sold, name).as_deref(), Some(expected));
    }
}

#[test]
fn a_report_of_an_earlier_release_is_sent_as_it_was() {
    let old = r#"{"key":"key_1","token":"spt_1","amount":{"amount":1000,"currency":"USD"},"initiated":1000,"settled":2000,
        "reference":"pa_1","outcome":"failed"}"#;
    let read: PaymentReport = serde_json::from_str(old).unwrap();
    assert_eq!(read, report(1000, "USD", ReportedOutcome::Failed));
    assert_eq!(value(&read, "customer_presence"), None);
}
