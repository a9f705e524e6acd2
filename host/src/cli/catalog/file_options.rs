//! How a file is written, and what its rows are about.

use clap::{Args, ValueEnum};

use tillhouse_checkout::feed::FeedType;

/// What the rows of a file are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Feed {
    /// Whole products, with all of their columns.
    Product,
    /// Availability and quantities of items that are in the catalog.
    Inventory,
    /// Prices of items that are in the catalog.
    Pricing,
    /// Promotions that agents are told of.
    Promotion,
}

impl From<Feed> for FeedType {
    fn from(feed: Feed) -> Self {
        match feed {
            Feed::Product => Self::Product,
            Feed::Inventory => Self::Inventory,
            Feed::Pricing => Self::Pricing,
            Feed::Promotion => Self::Promotion,
        }
    }
}

/// How a file is written.
#[derive(Debug, Args)]
pub(super) struct FileOptions {
    /// What the rows are about.
    #[arg(long, value_enum, default_value_t = Feed::Product)]
    pub(super) feed: Feed,
    /// utf-8, utf-16le, utf-16be or windows-1252. Default: told from the file.
    #[arg(long, value_name = "NAME")]
    pub(super) encoding: Option<String>,
    /// comma, tab, semicolon or pipe. Default: comma or tab, told from the header.
    #[arg(long, value_name = "NAME")]
    pub(super) separator: Option<String>,
    /// Refuse rows as well that can be sold, but that Stripe would not take.
    #[arg(long)]
    pub(super) strict: bool,
}
