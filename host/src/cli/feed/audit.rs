//! `tillhouse feed audit`: how far what agents were told is from what the plugins say.

use std::process::ExitCode;

use clap::Args;

use crate::cli::store_access::{Needs, StoreAccess};
use tillhouse_checkout::feed::drift::{DriftReport, UNAVAILABLE_LIMIT_PPM};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_console::table::{Table, print_line};
use tillhouse_payments::operator::feed_changes::AuditFeed;

/// Compare price, availability and tax behavior of items, as they were uploaded, with what the merchant's plugins say now. The largest
/// differences come first. Exit code 1 if there are any.
///
/// Promotions are not compared: plugins do not see them, and decide themselves what a buyer pays less.
#[derive(Debug, Args)]
pub(in crate::cli) struct Audit {
    /// Merchant whose feed it is. May be left out where only one has a destination.
    #[arg(long, value_name = "ID")]
    merchant: Option<String>,
    /// Destination: `stripe`, or the name of an agent's endpoint. May be left out where the merchant has only one.
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// Number of items that are chosen at random.
    #[arg(long, value_name = "N", default_value_t = 200, conflicts_with = "all")]
    sample: usize,
    /// Compare all items, and those that were uploaded and are gone.
    #[arg(long)]
    all: bool,
    /// Most differences to show.
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Audit {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let request = AuditFeed {
            merchant: self.merchant.map(MerchantId::new),
            destination: self.to,
            sample: (!self.all).then_some(self.sample),
        };
        let (json, limit) = (self.store_access.json, self.limit);
        let show = |report: &DriftReport| {
            if !json {
                print_report(report, limit);
            }
            report.differing == 0
        };
        Box::pin(self.store_access.ask_and_print(request, Needs::Plugins, show)).await
    }
}

fn print_report(report: &DriftReport, limit: usize) {
    let DriftReport { items, differing, .. } = report;
    print_line(&format!(
        "{items} items compared with upload {} to {}: {differing} differ ({}); prices are {} apart on average",
        report.upload,
        report.destination,
        percent(report.drift_ppm),
        percent(report.price_drift_ppm),
    ));
    let mut table = Table::of(["size", "item", "difference", "uploaded", "plugin"]);
    for it in report.differences.iter().take(limit) {
        table.row([
            percent(it.size_ppm),
            it.item.to_string(),
            it.kind.text().to_owned(),
            it.uploaded.clone(),
            it.plugin.clone(),
        ]);
    }
    table.print("all are as they were uploaded");
    let answered: u64 = report.hooks.iter().map(|day| day.answered).sum();
    let days = report.hooks.len();
    let above = if report.above_limit { ", which is too often" } else { "" };
    print_line(&format!(
        "{answered} hooks answered in {days} days; {} were refused for lack of stock{above} (Stripe's limit: {})",
        percent(report.unavailable_ppm),
        percent(UNAVAILABLE_LIMIT_PPM),
    ));
}

/// Parts per million as a percentage.
fn percent(ppm: u64) -> String {
    let hundredths = ppm / 100;
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}
