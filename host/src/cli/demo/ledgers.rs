//! The ledgers of the sandbox after the demo's purchases, and whether they agree.

use std::time::Duration;

use super::purchases::Bought;
use tillhouse_console::local_host::LocalHost;

/// How long the ledgers may take to agree after the last response: payments are reported to Stripe asynchronously.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Totals of the sandbox's ledgers.
pub(super) struct LedgerTotals {
    /// Charges of the card acquirer.
    pub(super) charges: usize,
    /// Payment records of Stripe.
    pub(super) records: usize,
    /// Payments of Adyen that are captured.
    pub(super) adyen_payments: usize,
    /// Payments that Stripe took itself, in checkouts that it ran.
    pub(super) stripe_payments: usize,
    /// Order events that the webhook receiver got.
    pub(super) events: usize,
    /// Whether each charge has a payment record with the same reference, amount and currency, and each purchase over Adyen one payment of
    /// its total.
    pub(super) agree: bool,
}

impl LedgerTotals {
    /// Waits until every purchase is paid, reported to Stripe where it was paid with a token of Stripe, and has its order event, or until
    /// the timeout.
    pub(super) async fn after(local: &LocalHost, purchases: &[Bought]) -> Self {
        let deadline = tokio::time::Instant::now() + TIMEOUT;
        loop {
            let totals = Self::now(local, purchases);
            let paid = totals.records + totals.adyen_payments + totals.stripe_payments;
            let is_complete = paid.min(totals.events) >= purchases.len();
            if is_complete || tokio::time::Instant::now() >= deadline {
                return totals;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn now(local: &LocalHost, purchases: &[Bought]) -> Self {
        let charges = local.sandbox.acquirer.ledger().charges().to_vec();
        let records = local.sandbox.stripe.payment_records();
        let recorded = charges.len() == records.len()
            && charges.iter().all(|charge| {
                records.iter().any(|record| {
                    record.payment_reference == charge.reference
                        && record.amount_guaranteed.value == charge.amount
                        && record.amount_guaranteed.currency == charge.currency
                })
            });
        let adyen = local.sandbox.adyen.ledger();
        let mut over_adyen = purchases.iter().filter(|it| it.is_paid_at_adyen());
        let paid = over_adyen.all(|Bought { purchase, .. }| {
            let payments = adyen.payments_of(&purchase.session_id);
            matches!(payments.as_slice(), [payment] if payment.captured == purchase.total && payment.amount.currency == purchase.currency)
        });
        Self {
            charges: charges.len(),
            records: records.len(),
            adyen_payments: adyen.captures().len(),
            stripe_payments: purchases.iter().filter(|it| it.is_paid_through_stripe()).count(),
            events: local.sandbox.receiver.events().len(),
            agree: recorded && paid,
        }
    }

    /// What does not fit the purchases.
    pub(super) fn problems(&self, purchases: &[Bought]) -> Vec<String> {
        let mut problems = Vec::new();
        let bought = purchases.len();
        if self.events != bought {
            problems.push(format!("{bought} purchases, but {} order events", self.events));
        }
        if self.charges + self.adyen_payments + self.stripe_payments != bought || !self.agree {
            problems.push(format!(
                "{bought} purchases, {} charges, {} payment records, {} payments of Adyen and {} through Stripe do not agree",
                self.charges, self.records, self.adyen_payments, self.stripe_payments
            ));
        }
        problems
    }
}
