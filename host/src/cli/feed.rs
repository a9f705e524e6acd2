//! `tillhouse feed`: uploads of product feeds.

mod abandon;
mod audit;
mod errors;
mod export_acp;
mod history;
mod increment;
mod preview;
mod status;
mod upload;
mod waiting;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_console::table::{Table, or_dash, print_line};
use tillhouse_payments::operator::feeds::{FeedTarget, FeedView};

/// Tell Stripe and agents of the catalog: see what an upload would send, ask for one, and what became of it.
///
/// A running host uploads by itself at the time that `[merchants.NAME.feed]` has. Where none runs, what is asked for waits for its start.
#[derive(Debug, Subcommand)]
pub(super) enum Feed {
    Abandon(abandon::Abandon),
    Audit(audit::Audit),
    Errors(errors::Errors),
    ExportAcp(export_acp::ExportAcp),
    History(history::History),
    Increment(increment::Increment),
    Preview(preview::Preview),
    Status(status::Status),
    Upload(upload::Upload),
}

impl Feed {
    pub(super) async fn run(self) -> ExitCode {
        match self {
            Self::Abandon(abandon) => abandon.run().await,
            Self::Audit(audit) => Box::pin(audit.run()).await,
            Self::Errors(errors) => errors.run().await,
            Self::ExportAcp(export) => Box::pin(export.run()).await,
            Self::Increment(increment) => Box::pin(increment.run()).await,
            Self::History(history) => history.run().await,
            Self::Preview(preview) => Box::pin(preview.run()).await,
            Self::Status(status) => status.run().await,
            Self::Upload(upload) => Box::pin(upload.run()).await,
        }
    }
}

/// Which feed goes where.
#[derive(Debug, Args)]
struct Target {
    /// Merchant whose feed it is. May be left out where only one has a destination.
    #[arg(long, value_name = "ID")]
    merchant: Option<String>,
    /// Destination: `stripe`, or the name of an agent's endpoint. May be left out where the merchant has only one.
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// What the rows are about: product, inventory, pricing or promotion.
    #[arg(long, default_value = "product", value_parser = parse_feed)]
    feed: FeedType,
}

impl From<Target> for FeedTarget {
    fn from(target: Target) -> Self {
        Self {
            merchant: target.merchant.map(MerchantId::new),
            destination: target.to,
            feed: target.feed,
        }
    }
}

fn parse_feed(text: &str) -> Result<FeedType, String> {
    match FeedType::from(text) {
        FeedType::Other(_) => Err("expected one of: product, inventory, pricing, promotion".to_owned()),
        known => Ok(known),
    }
}

/// Print uploads as a table, and their problems below it.
fn print_uploads(uploads: &[FeedView], empty: &str) {
    let mut table = Table::of([
        "upload", "merchant", "to", "feed", "version", "status", "sent", "withheld", "taken", "refused", "asked",
        "ended",
    ]);
    for it in uploads {
        table.row([
            it.id.to_string(),
            it.merchant.to_string(),
            it.destination.clone(),
            it.feed.to_string(),
            it.version.to_string(),
            it.status.to_string(),
            it.sent.to_string(),
            it.withheld.to_string(),
            or_dash(it.taken.as_ref()),
            or_dash(it.refused.as_ref()),
            it.asked.clone(),
            or_dash(it.ended.as_ref()),
        ]);
    }
    table.print(empty);
    for it in uploads {
        if let Some(problem) = &it.problem {
            print_line(&format!("{}: {problem}", it.id));
        }
    }
}
