//! `tillhouse catalog reload`.

use std::process::ExitCode;

use clap::Args;

use super::super::store_access::{Actor, Needs, StoreAccess};
use super::progress_bar;
use super::status::print_warnings;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::catalogs::{CatalogReloaded, ReloadCatalog};
use tillhouse_payments::operator::problem::Problem;

#[derive(Debug, Args)]
pub(in crate::cli) struct Reload {
    /// Merchant whose catalog is loaded again.
    #[arg(long, value_name = "ID")]
    merchant: String,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Reload {
    pub(super) async fn run(self) -> ExitCode {
        let merchant = MerchantId::new(self.merchant);
        let request = ReloadCatalog {
            merchant: merchant.clone(),
            actor: self.actor.actor,
        };
        let access = &self.store_access;
        let watch = progress_bar::of(merchant, access.json);
        let answer = Box::pin(access.ask_beside(request, Needs::Plugins, watch)).await;
        access.print_answer(answer, |reloaded| {
            if !access.json {
                print_reloaded(reloaded);
            }
            reloaded.still_out_of_service.is_empty()
        })
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
    print_outage(merchant, &reloaded.still_out_of_service);
}

pub(super) fn print_outage(merchant: &MerchantId, problems: &[Problem]) {
    for problem in problems {
        print_line(&format!(
            "merchant {merchant} is still out of service: {}",
            problem.what
        ));
    }
}
