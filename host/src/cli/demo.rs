//! `tillhouse demo`: buys once over each protocol on embedded defaults, and checks that the ledgers agree.

mod calls;
mod story;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use tillhouse_sandbox::Secret;
use tillhouse_sandbox::agent::{Acp, AcpVersion, Basket, Credentials, Interrupted, Purchase, StripeAcs, Wallet};

use tillhouse_console::folder::DataFolder;
use tillhouse_console::local::{self, Local};
use tillhouse_console::output::{self, Story};
use tillhouse_console::{Failure, bundled};

use calls::Calls;

/// How long the ledgers may take to agree after the last response: payments are reported to Stripe asynchronously.
const BOOKS: Duration = Duration::from_secs(10);

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
struct Books {
    charges: usize,
    records: usize,
    /// Order events that the webhook receiver got.
    events: usize,
    /// Whether each charge has a payment record with the same reference, amount and currency.
    agree: bool,
}

impl Demo {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let story = Story::new(self.json);
        let plugins = bundled::plugins()?;
        let data = DataFolder::new(self.data.clone(), "demo")?;
        let calls = Arc::new(Calls::default());
        let local = Local::start(
            &plugins,
            data.path().to_owned(),
            "127.0.0.1:0",
            Some(Arc::clone(&calls) as _),
        )
        .await?;
        story::cast(&story, &plugins, &local);

        let bought = purchases(&local).await;
        let mut purchases = Vec::new();
        let mut problems = Vec::new();
        for outcome in bought {
            match outcome {
                Ok(purchase) => {
                    let made = calls.of(&purchase.session_id);
                    story::purchase(&story, &purchase, &made);
                    purchases.push((purchase, made));
                }
                Err(interrupted) => {
                    story::interrupted(&story, &interrupted);
                    problems.push(interrupted.error.to_string());
                }
            }
        }
        let books = settled_books(&local, purchases.len()).await;
        story::books(&story, &local, &books);
        problems.extend(shortcomings(&purchases, &books));
        if self.json {
            let purchases: Vec<_> = purchases
                .iter()
                .map(|(purchase, made)| story::json(purchase, made))
                .collect();
            let ledger = json!({
                "charges": books.charges,
                "payment_records": books.records,
                "order_events": books.events,
            });
            output::document(&json!({"ok": problems.is_empty(), "purchases": purchases, "ledger": ledger}));
        }
        if self.keep && problems.is_empty() {
            story::things_to_try(&story, &local);
            tokio::signal::ctrl_c().await?;
        }
        local.stop().await;
        data.close()?;
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Failure(problems.join("; ")))
        }
    }
}

async fn purchases(local: &Local) -> Vec<Result<Purchase, Interrupted>> {
    vec![over_acp(local).await, over_stripe_acs(local).await]
}

async fn over_acp(local: &Local) -> Result<Purchase, Interrupted> {
    let basket = Basket::of("hoodie-zip", 1)
        .and("mug-enamel", 2)
        .with_code("SAVE10")
        .shipped_by("express");
    let wallet = Wallet::at(&local.sandbox.stripe, local.sandbox.clock())?;
    let agent = Acp::new(
        &local.url(),
        Secret::from(local::AGENT_KEY),
        AcpVersion::V2026_04_17,
        wallet,
    )?;
    agent.purchase(&basket).await
}

async fn over_stripe_acs(local: &Local) -> Result<Purchase, Interrupted> {
    let basket = Basket::of("tee-classic", 2)
        .shipped_by("standard")
        .paid_with("pm_card_mastercard");
    let clock = local.sandbox.clock().clone();
    let wallet = Wallet::at(&local.sandbox.stripe, &clock)?;
    let credentials = Credentials::StripeSignature {
        secret: Secret::from(local::SIGNING_SECRET),
        clock: clock.clone(),
    };
    let agent = StripeAcs::new(&local.url(), credentials, wallet, clock)?;
    agent.purchase(&basket).await
}

/// Wait until every purchase is reported to Stripe and has its order event, or until the timeout.
async fn settled_books(local: &Local, purchases: usize) -> Books {
    let deadline = tokio::time::Instant::now() + BOOKS;
    loop {
        let books = books(local);
        if books.records.min(books.events) >= purchases || tokio::time::Instant::now() >= deadline {
            return books;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn books(local: &Local) -> Books {
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
    Books {
        charges: charges.len(),
        records: records.len(),
        events: local.sandbox.receiver.events().len(),
        agree,
    }
}

fn shortcomings(purchases: &[(Purchase, Vec<calls::Call>)], books: &Books) -> Vec<String> {
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
    if books.events != purchases.len() {
        problems.push(format!(
            "{} purchases, but {} order events",
            purchases.len(),
            books.events
        ));
    }
    if books.charges != purchases.len() || !books.agree {
        problems.push(format!(
            "{} purchases, {} charges and {} payment records do not agree",
            purchases.len(),
            books.charges,
            books.records
        ));
    }
    problems
}
