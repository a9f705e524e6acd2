//! Uploads of product feeds: what agents are told of a merchant's catalog.
//!
//! An upload is a saga (`uploading`): each step is committed before the next request is sent, so that it goes on where it was after a
//! crash, on any host, and nothing is uploaded twice. A `worker` leases what is due; `daily` asks for all products once a day. The file of
//! an upload is rendered (`rendering`) from the pinned version of the catalog (`feed_rows`), with the same bytes each time. A
//! [`Transport`] takes it to its destination: two of [`stripe`]'s. What the other party refuses is told in terms of the merchant's file
//! (`error_file`, `refused_rows`).

pub mod acp_feed;
mod beside;
mod counted;
mod daily;
mod destination;
pub mod drift;
mod error_file;
mod feed_file;
mod feed_rows;
mod hook_refusals;
mod hooks;
mod hurried;
pub mod increments;
pub mod offer;
mod parts;
mod plugin_view;
mod previewing;
mod refused_items;
mod refused_rows;
mod remembering;
mod rendering;
mod schedule;
mod service;
mod spool;
pub mod stripe;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod transport;
mod upload_rows;
mod uploading;
mod versions;
mod worker;

pub use counted::StockCounter;
pub use destination::{Destination, Destinations, STRIPE};
pub use feed_file::FeedFile;
pub use hook_refusals::HookRefusals;
pub use hooks::{CountedStock, UploadedRow, UploadedRows};
pub use parts::{FeedParts, FeedTimings};
pub use previewing::PreviewError;
pub use rendering::{FileFacts, RenderError, RenderedFile};
pub use schedule::{DailyTime, DailyTimeError};
pub use service::{AbandonError, AskFeed, AskFeedError, FeedService};
pub use spool::SpooledFile;
pub use transport::{Ended, Progress, RefusedRow, RefusedRows, Transport, TransportError};
pub use upload_rows::{Cells, IncrementRow, UploadRows};
pub use versions::versions_in_use;
