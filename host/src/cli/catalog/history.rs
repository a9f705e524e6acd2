//! `tillhouse catalog history`.

use std::process::ExitCode;

use clap::Args;

use super::super::store_access::{Needs, StoreAccess};
use super::Which;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_console::table::{Table, print_line};
use tillhouse_payments::operator::catalogs::{CatalogHistory, CatalogVersions};

#[derive(Debug, Args)]
pub(in crate::cli) struct History {
    /// Merchant whose catalog it is.
    #[arg(long, value_name = "ID")]
    merchant: String,
    #[command(flatten)]
    which: Which,
    /// Maximum number of versions.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
    limit: u16,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl History {
    pub(super) async fn run(self) -> ExitCode {
        let request = CatalogHistory {
            merchant: MerchantId::new(self.merchant),
            kind: self.which.kind(),
            limit: usize::from(self.limit),
        };
        let access = &self.store_access;
        let show = |history: &CatalogVersions| {
            if !access.json {
                print_versions(history);
            }
            true
        };
        Box::pin(access.ask_and_print(request, Needs::Store, show)).await
    }
}

fn print_versions(history: &CatalogVersions) {
    let mut table = Table::of([
        "version", "since", "until", "items", "changed", "gone", "refused", "mode", "by", "source",
    ]);
    for it in &history.versions {
        table.row([
            it.version.to_string(),
            it.since.clone(),
            it.until.clone().unwrap_or_else(|| "in force".to_owned()),
            it.items.to_string(),
            it.changed.to_string(),
            it.deleted.to_string(),
            it.refused.to_string(),
            it.mode.to_string(),
            it.by.clone(),
            it.source.clone(),
        ]);
    }
    table.print("nothing was imported yet");
    if history.more {
        print_line("there are more; use --limit");
    }
}
