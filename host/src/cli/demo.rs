//! `tillhouse demo`: buys once over each protocol, release and flow on embedded defaults, and checks that the ledgers agree.

mod adyen;
mod calls;
mod ledgers;
mod purchases;
mod report;
mod stripe_hooks;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use tillhouse_console::folder::DataFolder;
use tillhouse_console::local_host::LocalHost;
use tillhouse_console::output::{self, Printer};
use tillhouse_console::{CommandError, bundled};

use calls::CallRecorder;
use ledgers::LedgerTotals;
use purchases::{Attempted, Bought};

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Keep serving afterwards, and print requests to try.
    #[arg(long)]
    keep: bool,
    /// Print one JSON document instead of text.
    #[arg(long)]
    json: bool,
    /// Data folder. Default: a temporary directory that is removed afterwards.
    #[arg(long)]
    data: Option<PathBuf>,
}

impl Demo {
    pub(super) async fn run(self) -> Result<(), CommandError> {
        let printer = Printer::new(self.json);
        let plugins = bundled::plugins()?;
        let data = DataFolder::new(self.data.clone(), "demo")?;
        let recorder = Arc::new(CallRecorder::default());
        let local = LocalHost::start(
            &plugins,
            data.path().to_owned(),
            "127.0.0.1:0",
            Some(Arc::clone(&recorder) as _),
        )
        .await?;
        report::print_participants(&printer, &plugins, &local);

        let attempted = purchases::purchases(&local).await;
        let mut purchases = Vec::new();
        let mut problems = Vec::new();
        for Attempted { flow, bought } in attempted {
            match bought {
                Ok(purchase) => {
                    let calls = recorder.of_session(&purchase.session_id);
                    let bought = Bought { purchase, flow, calls };
                    report::print_purchase(&printer, &bought);
                    purchases.push(bought);
                }
                Err(interrupted) => {
                    report::print_interrupted(&printer, &interrupted);
                    problems.push(interrupted.error.to_string());
                }
            }
        }
        let totals = LedgerTotals::after(&local, &purchases).await;
        report::print_ledgers(&printer, &local, &totals);
        problems.extend(find_problems(&purchases, &totals));
        if self.json {
            let purchases: Vec<_> = purchases.iter().map(report::purchase_json).collect();
            let ledger = json!({
                "charges": totals.charges,
                "payment_records": totals.records,
                "adyen_payments": totals.adyen_payments,
                "stripe_payments": totals.stripe_payments,
                "order_events": totals.events,
            });
            output::print_json(&json!({"ok": problems.is_empty(), "purchases": purchases, "ledger": ledger}));
        }
        if self.keep && problems.is_empty() {
            report::print_requests_to_try(&printer, &local);
            tokio::signal::ctrl_c().await?;
        }
        local.stop().await;
        data.close()?;
        if problems.is_empty() {
            Ok(())
        } else {
            Err(CommandError(problems.join("; ")))
        }
    }
}

fn find_problems(purchases: &[Bought], totals: &LedgerTotals) -> Vec<String> {
    let mut problems = Vec::new();
    for Bought { purchase, calls, .. } in purchases {
        if purchase.status != "completed" || purchase.order_id.is_none() {
            problems.push(format!(
                "the purchase over {} ended with status {}",
                purchase.protocol, purchase.status
            ));
        }
        if calls.is_empty() {
            problems.push(format!("the purchase over {} called no plugin", purchase.protocol));
        }
    }
    problems.extend(totals.problems(purchases));
    problems
}
