//! `tillhouse feed errors`: the rows of an upload that were refused.

use std::process::ExitCode;

use clap::Args;

use super::parse_feed;
use crate::cli::store_access::{Needs, StoreAccess};
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::{FeedUploadId, MerchantId};
use tillhouse_console::table::{Table, or_dash, print_line};
use tillhouse_payments::operator::feeds::{FeedErrors, ListFeedErrors};

/// Show the rows of an upload that were refused, and those that were not sent. Exit code 1 if there are any.
#[derive(Debug, Args)]
pub(in crate::cli) struct Errors {
    /// The upload. Default: the last one that is over.
    #[arg(value_name = "UPLOAD")]
    upload: Option<String>,
    /// Only uploads of this merchant, where none is named.
    #[arg(long, value_name = "ID", conflicts_with = "upload")]
    merchant: Option<String>,
    /// Only uploads of this type, where none is named: product, inventory, pricing or promotion.
    #[arg(long, value_parser = parse_feed, conflicts_with = "upload")]
    feed: Option<FeedType>,
    /// Rows to leave out.
    #[arg(long, default_value_t = 0)]
    after: usize,
    /// Maximum number of rows.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Errors {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let request = ListFeedErrors {
            upload: self.upload.map(FeedUploadId::new),
            merchant: self.merchant.map(MerchantId::new),
            feed: self.feed,
            after: self.after,
            limit: self.limit,
        };
        let json = self.store_access.json;
        let show = |found: &FeedErrors| {
            if !json {
                print_errors(found);
            }
            found.errors.is_empty() && found.upload.problem.is_none()
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}

fn print_errors(found: &FeedErrors) {
    let upload = &found.upload;
    print_line(&format!(
        "upload {} of version {}: {}, {} rows sent, {} refused, {} not sent",
        upload.id,
        upload.version,
        upload.status,
        upload.sent,
        or_dash(upload.refused.as_ref()),
        upload.withheld
    ));
    if let Some(problem) = &upload.problem {
        print_line(problem);
    }
    let mut table = Table::of(["item", "row", "line", "column", "rule", "message"]);
    for it in &found.errors {
        table.row([
            or_dash(it.item.as_ref()),
            or_dash(it.row.as_ref()),
            or_dash(it.line.as_ref()),
            or_dash(it.column.as_ref()),
            or_dash(it.rule.as_ref()),
            it.message.replace('\n', "; "),
        ]);
    }
    table.print("no row was refused");
    if found.more {
        print_line("there are more; set --after, or raise --limit");
    }
}
