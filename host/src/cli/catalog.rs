//! `tillhouse catalog`: the merchants' catalogs, and loading one again.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::store_access::{Actor, Needs, StoreAccess};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_console::table::{Table, or_dash, print_line};
use tillhouse_payments::operator::served::{CatalogInForce, CatalogList, CatalogReloaded, ListCatalogs, ReloadCatalog};

/// Show the merchants' catalogs, and load one again.
///
/// A running host loads a catalog again by itself when its file changes (`catalogs.poll_ms`).
#[derive(Debug, Subcommand)]
pub(super) enum Catalog {
    /// Load a merchant's catalog again, now. One with errors changes nothing, and every error is reported.
    Reload(Reload),
    /// Show which catalogs are in force, and why a changed one is not.
    Status(Status),
}

#[derive(Debug, Args)]
pub(super) struct Reload {
    /// Merchant whose catalog is loaded again.
    #[arg(long, value_name = "ID")]
    merchant: String,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    store_access: StoreAccess,
}

#[derive(Debug, Args)]
pub(super) struct Status {
    /// Only the catalog of this merchant.
    #[arg(long, value_name = "ID")]
    merchant: Option<String>,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Catalog {
    pub(super) async fn run(self) -> ExitCode {
        match self {
            Self::Reload(reload) => reload.run().await,
            Self::Status(status) => status.run().await,
        }
    }
}

impl Reload {
    async fn run(self) -> ExitCode {
        let request = ReloadCatalog {
            merchant: MerchantId::new(self.merchant),
            actor: self.actor.actor,
        };
        let json = self.store_access.json;
        let show = |reloaded: &CatalogReloaded| {
            if !json {
                print_reloaded(reloaded);
            }
            reloaded.still_out_of_service.is_empty()
        };
        Box::pin(self.store_access.ask_and_print(request, Needs::Plugins, show)).await
    }
}

fn print_reloaded(reloaded: &CatalogReloaded) {
    let (merchant, now) = (&reloaded.merchant, &reloaded.now);
    let before = reloaded
        .items_before
        .map_or_else(|| "none".to_owned(), |items| items.to_string());
    print_line(&if reloaded.changed {
        format!(
            "merchant {merchant}: the catalog has {} items; before: {before}",
            now.items
        )
    } else {
        format!(
            "merchant {merchant}: the file has what is in force since {}: {} items",
            now.since, now.items
        )
    });
    print_warnings(merchant, now);
    for problem in &reloaded.still_out_of_service {
        print_line(&format!(
            "merchant {merchant} is still out of service: {}",
            problem.what
        ));
    }
}

fn print_warnings(merchant: &MerchantId, catalog: &CatalogInForce) {
    for warning in &catalog.warnings {
        print_line(&format!("merchant {merchant}: warning: {warning}"));
    }
}

impl Status {
    async fn run(self) -> ExitCode {
        let request = ListCatalogs {
            merchant: self.merchant.map(MerchantId::new),
        };
        let json = self.store_access.json;
        let show = |list: &CatalogList| {
            if !json {
                print_catalogs(list);
            }
            list.catalogs.iter().all(|catalog| catalog.refused.is_none())
        };
        Box::pin(self.store_access.ask_and_print(request, Needs::Plugins, show)).await
    }
}

fn print_catalogs(list: &CatalogList) {
    let mut table = Table::of(["merchant", "items", "since", "file"]);
    for it in &list.catalogs {
        let in_force = it.in_force.as_ref();
        table.row([
            it.merchant.to_string(),
            or_dash(in_force.map(|in_force| in_force.items).as_ref()),
            or_dash(in_force.map(|CatalogInForce { since, .. }| since)),
            it.file.clone(),
        ]);
    }
    table.print("no catalogs");
    for it in &list.catalogs {
        if let Some(in_force) = &it.in_force {
            print_warnings(&it.merchant, in_force);
        }
        let Some(refused) = &it.refused else { continue };
        for problem in &refused.problems {
            print_line(&format!(
                "merchant {}: refused at {}: {problem}",
                it.merchant, refused.at
            ));
        }
    }
}
