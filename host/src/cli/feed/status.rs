//! `tillhouse feed status`: the last upload of each destination, or one upload.

use std::process::ExitCode;

use clap::Args;

use super::{parse_feed, print_uploads};
use crate::cli::store_access::{Needs, StoreAccess};
use tillhouse_checkout::feed::drift::DriftMetric;
use tillhouse_checkout::feed::{FeedStatus, FeedType};
use tillhouse_checkout::ids::{FeedUploadId, MerchantId};
use tillhouse_console::table::{Table, or_dash};
use tillhouse_payments::operator::feeds::{FeedStatusList, ShowFeeds};

/// Show where feeds go, and what became of the last upload to each destination; or of one upload. Exit code 1 if one has failed.
#[derive(Debug, Args)]
pub(in crate::cli) struct Status {
    /// One upload. Default: the open ones and the last one that is over, of each destination.
    #[arg(value_name = "UPLOAD")]
    upload: Option<String>,
    /// Only destinations of this merchant.
    #[arg(long, value_name = "ID")]
    merchant: Option<String>,
    /// Only uploads of this type: product, inventory, pricing or promotion.
    #[arg(long, value_parser = parse_feed, conflicts_with = "upload")]
    feed: Option<FeedType>,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Status {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let request = ShowFeeds {
            upload: self.upload.map(FeedUploadId::new),
            merchant: self.merchant.map(MerchantId::new),
            feed: self.feed,
        };
        let json = self.store_access.json;
        let show = |status: &FeedStatusList| {
            if !json {
                print_status(status);
            }
            status.uploads.iter().all(|upload| upload.status != FeedStatus::Failed)
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}

fn print_status(status: &FeedStatusList) {
    let mut table = Table::of([
        "merchant",
        "to",
        "transport",
        "mode",
        "next full upload",
        "increments",
        "last audit",
    ]);
    for it in &status.destinations {
        table.row([
            it.merchant.to_string(),
            it.name.clone(),
            it.transport.to_string(),
            it.mode.to_string(),
            or_dash(it.full_due.as_ref()),
            or_dash(
                it.increments_seconds
                    .map(|seconds| format!("every {seconds} s"))
                    .as_ref(),
            ),
            or_dash(it.audit.as_ref().map(audited).as_ref()),
        ]);
    }
    table.print("no destinations; add [merchants.NAME.feed] to the configuration");
    print_uploads(&status.uploads, "no uploads");
}

fn audited(metric: &DriftMetric) -> String {
    let DriftMetric {
        at, items, differing, ..
    } = metric;
    format!("{differing} of {items} items differ, {at}")
}
