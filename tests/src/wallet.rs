//! Shared payment tokens for tests.

use tillhouse_sandbox::agent::Wallet;
use tillhouse_sandbox::{Amount, Currency, Sandbox};

/// Creates a shared payment token of a test card (`pm_card_…`) for an amount in Stripe's units.
pub(crate) async fn token(sandbox: &Sandbox, payment_method: &str, minor: i64, currency: &str) -> String {
    let wallet = Wallet::at(&sandbox.stripe, sandbox.clock()).expect("the wallet can be created");
    let amount = Amount {
        value: minor,
        currency: Currency::parse(currency).expect("a valid currency code"),
    };
    let token = wallet
        .token(payment_method, &amount)
        .await
        .expect("a token can be created");
    token.as_str().to_owned()
}
