//! `tillhouse catalog status`.

use std::process::ExitCode;

use clap::Args;

use super::super::store_access::{Needs, StoreAccess};
use super::Which;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_console::table::{Table, or_dash, print_line};
use tillhouse_payments::operator::catalogs::{CatalogInForce, CatalogList, ListCatalogs};

#[derive(Debug, Args)]
pub(in crate::cli) struct Status {
    /// Only the catalog of this merchant.
    #[arg(long, value_name = "ID")]
    merchant: Option<String>,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Status {
    pub(super) async fn run(self) -> ExitCode {
        let request = ListCatalogs {
            merchant: self.merchant.map(MerchantId::new),
            kind: self.which.kind(),
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
    let mut table = Table::of(["merchant", "version", "items", "since", "file"]);
    for it in &list.catalogs {
        let in_force = it.in_force.as_ref();
        table.row([
            it.merchant.to_string(),
            or_dash(in_force.map(|in_force| in_force.version).as_ref()),
            or_dash(in_force.map(|in_force| in_force.items).as_ref()),
            or_dash(in_force.map(|CatalogInForce { since, .. }| since)),
            or_dash(it.file.as_ref()),
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

pub(super) fn print_warnings(merchant: &MerchantId, catalog: &CatalogInForce) {
    for warning in &catalog.warnings {
        print_line(&format!("merchant {merchant}: warning: {warning}"));
    }
}
