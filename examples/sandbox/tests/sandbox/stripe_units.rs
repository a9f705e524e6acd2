//! Amounts in Stripe's units.

use crate::client::{ISSUE, NOW, Raw, sandbox};

#[tokio::test]
async fn a_token_is_limited_in_stripes_units() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let expires_at = (NOW + 3_600).to_string();
    for (currency, max_amount, code) in [
        ("usd", "4600", None),
        ("isk", "500000", None),
        ("isk", "500050", Some("invalid_charge_amount_no_decimal_compatible")),
        ("ugx", "5", Some("invalid_charge_amount_no_decimal_compatible")),
        ("kwd", "12340", None),
        ("kwd", "12345", Some("parameter_invalid_integer")),
        ("mga", "5000", None),
        ("usd", "100000000", Some("parameter_invalid_integer")),
        ("idr", "100000000", None),
    ] {
        let form = [
            ("payment_method", "pm_card_visa"),
            ("usage_limits[currency]", currency),
            ("usage_limits[max_amount]", max_amount),
            ("usage_limits[expires_at]", expires_at.as_str()),
        ];
        let reply = stripe.form(ISSUE, None, &form).await;
        assert_eq!(
            reply.error()["code"].as_str(),
            code,
            "{max_amount} {currency}: {}",
            reply.body
        );
        if code.is_none() {
            assert_eq!(reply.body["usage_limits"]["max_amount"].to_string(), max_amount);
        }
    }
}
