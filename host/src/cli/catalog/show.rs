//! `tillhouse catalog show`.

use std::process::ExitCode;

use clap::Args;

use super::super::store_access::Needs;
use super::Of;
use super::problems::print_problems;
use tillhouse_checkout::catalog::CatalogKind;
use tillhouse_checkout::ids::ItemId;
use tillhouse_console::table::{Table, print_line};
use tillhouse_payments::operator::catalogs::{CatalogItemDetail, ShowCatalogItem};

#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// Id of the item, or of the promotion.
    item: String,
    #[command(flatten)]
    of: Of,
}

impl Show {
    pub(super) async fn run(self) -> ExitCode {
        let request = ShowCatalogItem {
            merchant: self.of.merchant(),
            kind: self.of.kind(),
            version: self.of.version(),
            item: ItemId::new(self.item),
        };
        let access = &self.of.store_access;
        let show = |detail: &CatalogItemDetail| {
            if !access.json {
                print_item(detail);
            }
            true
        };
        Box::pin(access.ask_and_print(request, Needs::Store, show)).await
    }
}

fn print_item(detail: &CatalogItemDetail) {
    let item = &detail.item;
    let row = match detail.kind {
        CatalogKind::Product => "item",
        CatalogKind::Promotion => "promotion",
    };
    print_line(&format!(
        "{row} {} of merchant {}, version {}, line {} of its file",
        item.id, detail.merchant, detail.version, item.line
    ));
    let mut table = Table::of(["column", "value"]);
    for cell in &item.cells {
        table.row([cell.column.clone(), cell.value.clone()]);
    }
    table.print("no columns");
    print_problems(&detail.problems, 0);
}
