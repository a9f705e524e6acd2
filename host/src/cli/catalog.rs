//! `tillhouse catalog`: the merchants' catalogs: importing files into them, and reading what is in them.

mod check;
mod export;
mod file_options;
mod history;
mod import;
mod list;
mod problems;
mod progress_bar;
mod reload;
mod show;
mod status;

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use super::store_access::StoreAccess;
use tillhouse_checkout::catalog::{CatalogKind, CatalogVersion};
use tillhouse_checkout::ids::MerchantId;

/// Import files into the merchants' catalogs, check them, and read what is in force.
///
/// A running host imports a merchant's own file (`merchants.NAME.catalog`) by itself when it starts and when the file changes
/// (`catalogs.poll_ms`).
#[derive(Debug, Subcommand)]
pub(super) enum Catalog {
    /// Import a file: all of its rows are checked, and come into force together.
    Import(import::Import),
    /// Check a file as an import does, without a host or a store.
    Check(check::Check),
    /// Load a merchant's own file again, now. One with errors changes nothing, and every error is reported.
    Reload(reload::Reload),
    /// Show which catalogs are in force, and why a changed file is not.
    Status(status::Status),
    /// Show one item, or promotion, with all of its columns.
    Show(show::Show),
    /// List items, or promotions, page by page.
    List(list::List),
    /// Write all items, or promotions, as CSV or TSV.
    Export(export::Export),
    /// List the versions of a catalog, newest first.
    History(history::History),
}

/// Whose catalog is read, and which version of it.
#[derive(Debug, Args)]
struct Of {
    /// Merchant whose catalog it is.
    #[arg(long, value_name = "ID")]
    merchant: String,
    /// An earlier version whose rows are kept. Default: the one in force.
    #[arg(long, value_name = "VERSION")]
    at: Option<u64>,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    store_access: StoreAccess,
}

/// Which of a merchant's catalogs is meant.
#[derive(Clone, Copy, Debug, Args)]
struct Which {
    /// What the rows are.
    #[arg(long, value_enum, default_value_t = WholeFeed::Product)]
    feed: WholeFeed,
}

/// The feeds that are a catalog: stock and prices are cells of products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum WholeFeed {
    /// Items that can be bought.
    Product,
    /// Promotions that agents are told of.
    Promotion,
}

impl Which {
    const fn kind(self) -> CatalogKind {
        match self.feed {
            WholeFeed::Product => CatalogKind::Product,
            WholeFeed::Promotion => CatalogKind::Promotion,
        }
    }
}

impl Of {
    const fn kind(&self) -> CatalogKind {
        self.which.kind()
    }

    fn merchant(&self) -> MerchantId {
        MerchantId::new(self.merchant.clone())
    }

    fn version(&self) -> Option<CatalogVersion> {
        self.at.map(CatalogVersion)
    }
}

impl Catalog {
    pub(super) async fn run(self) -> ExitCode {
        match self {
            Self::Import(import) => Box::pin(import.run()).await,
            Self::Check(check) => Box::pin(check.run()).await,
            Self::Reload(reload) => reload.run().await,
            Self::Status(status) => status.run().await,
            Self::Show(show) => show.run().await,
            Self::List(list) => list.run().await,
            Self::Export(export) => Box::pin(export.run()).await,
            Self::History(history) => history.run().await,
        }
    }
}
