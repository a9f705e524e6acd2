//! `tillhouse reconcile`: compare the processors' charges with the store's attempts.

use std::process::ExitCode;

use clap::Args;

use super::store_access::{Needs, StoreAccess};
use tillhouse_checkout::discrepancy::Discrepancy;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::time::Timestamp;
use tillhouse_console::table::{Table, or_dash, print_line};
use tillhouse_payments::operator::reconcile::{Reconcile as ReconcileRequest, Reconciled};
use tillhouse_payments::operator::timestamp;

#[derive(Debug, Args)]
pub(super) struct Reconcile {
    /// Charges made at or after this time: 2026-11-21T19:09:23Z or 2026-11-21. Default: one day before --until.
    #[arg(long, value_parser = timestamp::parse)]
    since: Option<Timestamp>,
    /// Charges made before this time. Default: now.
    #[arg(long, value_parser = timestamp::parse)]
    until: Option<Timestamp>,
    /// Only charges and attempts of this merchant.
    #[arg(long)]
    merchant: Option<String>,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Reconcile {
    pub(super) async fn run(self) -> ExitCode {
        let request = ReconcileRequest {
            merchant: self.merchant.map(MerchantId::new),
            since: self.since,
            until: self.until,
        };
        let json = self.store_access.json;
        let show = |result: &Reconciled| {
            if !json {
                print_result(result);
            }
            result.is_clean()
        };
        self.store_access.ask_and_print(request, Needs::Plugins, show).await
    }
}

fn print_result(result: &Reconciled) {
    let (since, until) = (&result.since, &result.until);
    let (charges, attempts, open, refunds) = (result.charges, result.attempts, result.open, result.refunds);
    print_line(&format!(
        "{since} to {until}: {charges} charges at the processors, {attempts} attempts in the store, {open} of them open; {refunds} refunds \
         looked up"
    ));
    print_discrepancies(&result.discrepancies);
    for merchant in &result.paid_elsewhere {
        print_line(&format!(
            "{merchant} has no processor and charged nothing: what other parties took for it is not on any list"
        ));
    }
    for skipped in &result.skipped {
        print_line(&format!("{} was skipped: {}", skipped.merchant, skipped.reason));
    }
}

pub(super) fn print_discrepancies(discrepancies: &[Discrepancy]) {
    let mut table = Table::of(["merchant", "discrepancy", "subject", "attempt", "detail"]);
    for it in discrepancies {
        table.row([
            it.merchant.to_string(),
            it.kind.to_string(),
            it.subject.clone(),
            or_dash(it.attempt.as_ref()),
            it.detail.clone(),
        ]);
    }
    table.print("no discrepancies");
}
