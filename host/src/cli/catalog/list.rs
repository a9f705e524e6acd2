//! `tillhouse catalog list`.

use std::process::ExitCode;

use clap::Args;

use super::super::store_access::{Needs, StoreAccessError};
use super::Of;
use tillhouse_checkout::catalog::CatalogKind;
use tillhouse_checkout::ids::ItemId;
use tillhouse_console::table::{Table, or_dash, print_line};
use tillhouse_payments::operator::catalogs::{CatalogItemPage, ItemFilter, ListCatalogItems, StoredCell};

#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    /// Only items whose id or title contains this text.
    #[arg(long)]
    text: Option<String>,
    /// Only items whose column has this value, such as `availability=in_stock`. Can be repeated; an empty value is an empty cell.
    #[arg(long = "where", value_name = "COLUMN=VALUE")]
    columns: Vec<String>,
    /// Continue after this id.
    #[arg(long, value_name = "ITEM")]
    after: Option<String>,
    /// Maximum number of items.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    limit: u16,
    #[command(flatten)]
    of: Of,
}

impl List {
    pub(super) async fn run(self) -> ExitCode {
        let access = &self.of.store_access;
        let filter = match filter(self.text.clone(), &self.columns) {
            Ok(filter) => filter,
            Err(problem) => return StoreAccessError::Usage(problem).report(access.json),
        };
        let request = ListCatalogItems {
            merchant: self.of.merchant(),
            kind: self.of.kind(),
            version: self.of.version(),
            after: self.after.map(ItemId::new),
            filter,
            limit: usize::from(self.limit),
        };
        let show = |page: &CatalogItemPage| {
            if !access.json {
                print_page(page);
            }
            true
        };
        Box::pin(access.ask_and_print(request, Needs::Store, show)).await
    }
}

fn filter(text: Option<String>, columns: &[String]) -> Result<ItemFilter, String> {
    let cell = |text: &String| {
        let (column, value) = text
            .split_once('=')
            .ok_or_else(|| format!("--where {text}: must be COLUMN=VALUE, such as availability=in_stock"))?;
        Ok(StoredCell {
            column: column.trim().to_ascii_lowercase(),
            value: value.trim().to_owned(),
        })
    };
    let cells = columns.iter().map(cell).collect::<Result<_, String>>()?;
    Ok(ItemFilter { text, cells })
}

fn print_page(page: &CatalogItemPage) {
    match page.kind {
        CatalogKind::Product => print_items(page),
        CatalogKind::Promotion => print_promotions(page),
    }
    if let Some(next) = &page.next {
        print_line(&format!("continue with --after {next}"));
    }
}

/// Cells of promotions that a list shows.
const SHOWN: [&str; 5] = [
    "title",
    "active_period",
    "benefit_type",
    "target_selection",
    "promotion_code",
];

fn print_promotions(page: &CatalogItemPage) {
    let mut table = Table::of(["promotion", "title", "active", "benefit", "targets", "code"]);
    for promotion in &page.promotions {
        let cell = |name: &str| promotion.cells.iter().find(|cell| cell.column == name);
        let shown = SHOWN.map(|name| or_dash(cell(name).map(|cell| &cell.value)));
        let [title, active, benefit, targets, code] = shown;
        table.row([promotion.id.to_string(), title, active, benefit, targets, code]);
    }
    table.print("no promotions");
}

fn print_items(page: &CatalogItemPage) {
    let mut table = Table::of(["item", "title", "price", "sale", "availability", "quantity"]);
    for item in &page.items {
        table.row([
            item.id.to_string(),
            item.title.clone(),
            item.price.clone(),
            or_dash(item.sale_price.as_ref()),
            item.availability.clone(),
            or_dash(item.inventory_quantity.as_ref()),
        ]);
    }
    table.print("no items");
}
