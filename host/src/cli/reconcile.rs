//! `tillhouse reconcile`.

use std::process::ExitCode;

use clap::Args;

use super::reach::{Needs, Reach};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::time::Timestamp;
use tillhouse_console::table::{Table, or_dash, say};
use tillhouse_payments::operator::moment;
use tillhouse_payments::operator::reconcile::{Reconcile as Question, Reconciled};

/// `tillhouse reconcile`.
#[derive(Debug, Args)]
pub(super) struct Reconcile {
    /// Charges made at or after: 2026-11-21T19:09:23Z or 2026-11-21. A day before --until where it is not given.
    #[arg(long, value_parser = moment::parse)]
    since: Option<Timestamp>,
    /// Charges made before. Now where it is not given.
    #[arg(long, value_parser = moment::parse)]
    until: Option<Timestamp>,
    /// One merchant.
    #[arg(long)]
    merchant: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

impl Reconcile {
    pub(super) async fn run(self) -> ExitCode {
        let question = Question {
            merchant: self.merchant.map(MerchantId::new),
            since: self.since,
            until: self.until,
        };
        let json = self.reach.json;
        let show = |result: &Reconciled| {
            if !json {
                print(result);
            }
            result.is_clean()
        };
        self.reach.put(question, Needs::Plugins, show).await
    }
}

fn print(result: &Reconciled) {
    let (since, until) = (&result.since, &result.until);
    let (charges, attempts, open) = (result.charges, result.attempts, result.open);
    say(&format!(
        "{since} to {until}: {charges} charges there, {attempts} attempts here, {open} of them open"
    ));
    let mut table = Table::of(["merchant", "break", "subject", "attempt", "detail"]);
    for it in &result.breaks {
        table.row([
            it.merchant.to_string(),
            it.kind.clone(),
            it.subject.clone(),
            or_dash(it.attempt.as_ref()),
            it.detail.clone(),
        ]);
    }
    table.print("no breaks");
    for skipped in &result.skipped {
        say(&format!("{} was not looked at: {}", skipped.merchant, skipped.reason));
    }
}
