//! `tillhouse order list`: orders, newest first.

use std::process::ExitCode;

use clap::Args;

use crate::cli::store_access::{Needs, StoreAccess};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::money::format_minor;
use tillhouse_checkout::time::Timestamp;
use tillhouse_console::table::{Table, or_dash, print_line};
use tillhouse_payments::operator::orders::{ListOrders, OrderList};
use tillhouse_payments::operator::timestamp;

/// List orders, newest first.
#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    /// Only orders of this merchant.
    #[arg(long)]
    merchant: Option<String>,
    /// Only orders that were placed before this time: 2026-11-21T19:09:23Z or 2026-11-21.
    #[arg(long, value_parser = timestamp::parse)]
    until: Option<Timestamp>,
    /// Maximum number of orders.
    #[arg(long, default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl List {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let request = ListOrders {
            merchant: self.merchant.map(MerchantId::new),
            until: self.until,
            limit: self.limit,
        };
        let json = self.store_access.json;
        let show = |list: &OrderList| {
            if !json {
                print_orders(list);
            }
            true
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}

fn print_orders(list: &OrderList) {
    let mut table = Table::of([
        "order", "merchant", "number", "status", "captured", "refunded", "placed",
    ]);
    for it in &list.orders {
        table.row([
            it.id.to_string(),
            it.merchant.to_string(),
            or_dash(it.number.as_ref()),
            it.status.name().to_owned(),
            format_minor(it.captured, &it.currency),
            format_minor(it.refunded, &it.currency),
            it.created.clone(),
        ]);
    }
    table.print("no orders");
    if list.more {
        print_line("there are more; set --until to the time of the last one, or raise --limit");
    }
}
