//! `tillhouse feed history`: uploads, the newest first.

use std::process::ExitCode;

use clap::Args;

use super::{parse_feed, print_uploads};
use crate::cli::store_access::{Needs, StoreAccess};
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::feeds::{FeedList, ListFeeds};

/// List uploads, the newest first.
#[derive(Debug, Args)]
pub(in crate::cli) struct History {
    /// Only uploads of this merchant.
    #[arg(long, value_name = "ID")]
    merchant: Option<String>,
    /// Only uploads to this destination.
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// Only uploads of this type: product, inventory, pricing or promotion.
    #[arg(long, value_parser = parse_feed)]
    feed: Option<FeedType>,
    /// Maximum number of uploads.
    #[arg(long, default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl History {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let request = ListFeeds {
            merchant: self.merchant.map(MerchantId::new),
            destination: self.to,
            feed: self.feed,
            limit: self.limit,
        };
        let json = self.store_access.json;
        let show = |list: &FeedList| {
            if !json {
                print_uploads(&list.uploads, "no uploads");
                if list.more {
                    print_line("there are more; filter by --merchant or --to, or raise --limit");
                }
            }
            true
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}
