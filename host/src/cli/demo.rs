//! `tillhouse demo`: buys once over each protocol and release on embedded defaults, and checks that the ledgers agree.

mod calls;
mod report;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use tillhouse_sandbox::Secret;
use tillhouse_sandbox::agent::{Acp, AcpVersion, Basket, Credentials, Purchase, PurchaseError, StripeAcs, Wallet};

use tillhouse_console::folder::DataFolder;
use tillhouse_console::local_host::{self, LocalHost};
use tillhouse_console::output::{self, Printer};
use tillhouse_console::{CommandError, bundled};
use tillhouse_runtime::PluginCall;

use calls::CallRecorder;

/// How long the ledgers may take to agree after the last response: payments are reported to Stripe asynchronously.
const LEDGER_TIMEOUT: Duration = Duration::from_secs(10);

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

/// Totals of the sandbox's ledgers.
struct LedgerTotals {
    charges: usize,
    records: usize,
    /// Order events that the webhook receiver got.
    events: usize,
    /// Whether each charge has a payment record with the same reference, amount and currency.
    agree: bool,
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

        let bought = purchases(&local).await;
        let mut purchases = Vec::new();
        let mut problems = Vec::new();
        for outcome in bought {
            match outcome {
                Ok(purchase) => {
                    let made = recorder.of_session(&purchase.session_id);
                    report::print_purchase(&printer, &purchase, &made);
                    purchases.push((purchase, made));
                }
                Err(interrupted) => {
                    report::print_interrupted(&printer, &interrupted);
                    problems.push(interrupted.error.to_string());
                }
            }
        }
        let totals = wait_for_ledgers(&local, purchases.len()).await;
        report::print_ledgers(&printer, &local, &totals);
        problems.extend(find_problems(&purchases, &totals));
        if self.json {
            let purchases: Vec<_> = purchases
                .iter()
                .map(|(purchase, made)| report::purchase_json(purchase, made))
                .collect();
            let ledger = json!({
                "charges": totals.charges,
                "payment_records": totals.records,
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

async fn purchases(local: &LocalHost) -> Vec<Result<Purchase, PurchaseError>> {
    let mut bought = Vec::new();
    for version in AcpVersion::ALL {
        bought.push(over_acp(local, version).await);
    }
    bought.push(over_stripe_acs(local).await);
    bought
}

async fn over_acp(local: &LocalHost, version: AcpVersion) -> Result<Purchase, PurchaseError> {
    let mut basket = Basket::of("hoodie-zip", 1).and("mug-enamel", 2).shipped_by("express");
    if version.has_payment_handlers() {
        basket = basket.with_code("SAVE10");
    }
    let wallet = Wallet::at(&local.sandbox.stripe, local.sandbox.clock())?;
    let agent = Acp::new(&local.url(), Secret::from(local_host::AGENT_KEY), version, wallet)?;
    agent.purchase(&basket).await
}

async fn over_stripe_acs(local: &LocalHost) -> Result<Purchase, PurchaseError> {
    let basket = Basket::of("tee-classic", 2)
        .shipped_by("standard")
        .paid_with("pm_card_mastercard");
    let clock = local.sandbox.clock().clone();
    let wallet = Wallet::at(&local.sandbox.stripe, &clock)?;
    let credentials = Credentials::StripeSignature {
        secret: Secret::from(local_host::SIGNING_SECRET),
        clock: clock.clone(),
    };
    let agent = StripeAcs::new(&local.url(), credentials, wallet, clock)?;
    agent.purchase(&basket).await
}

/// Wait until every purchase is reported to Stripe and has its order event, or until the timeout.
async fn wait_for_ledgers(local: &LocalHost, purchases: usize) -> LedgerTotals {
    let deadline = tokio::time::Instant::now() + LEDGER_TIMEOUT;
    loop {
        let totals = ledger_totals(local);
        if totals.records.min(totals.events) >= purchases || tokio::time::Instant::now() >= deadline {
            return totals;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn ledger_totals(local: &LocalHost) -> LedgerTotals {
    let charges = local.sandbox.acquirer.ledger().charges().to_vec();
    let records = local.sandbox.stripe.payment_records();
    let agree = charges.len() == records.len()
        && charges.iter().all(|charge| {
            records.iter().any(|record| {
                record.payment_reference == charge.reference
                    && record.amount_guaranteed.value == charge.amount
                    && record.amount_guaranteed.currency == charge.currency
            })
        });
    LedgerTotals {
        charges: charges.len(),
        records: records.len(),
        events: local.sandbox.receiver.events().len(),
        agree,
    }
}

fn find_problems(purchases: &[(Purchase, Vec<PluginCall>)], totals: &LedgerTotals) -> Vec<String> {
    let mut problems = Vec::new();
    for (purchase, made) in purchases {
        if purchase.status != "completed" || purchase.order_id.is_none() {
            problems.push(format!(
                "the purchase over {} ended with status {}",
                purchase.protocol, purchase.status
            ));
        }
        if made.is_empty() {
            problems.push(format!("the purchase over {} called no plugin", purchase.protocol));
        }
    }
    if totals.events != purchases.len() {
        problems.push(format!(
            "{} purchases, but {} order events",
            purchases.len(),
            totals.events
        ));
    }
    if totals.charges != purchases.len() || !totals.agree {
        problems.push(format!(
            "{} purchases, {} charges and {} payment records do not agree",
            purchases.len(),
            totals.charges,
            totals.records
        ));
    }
    problems
}
