//! Stripe as a destination: its two ways to take a feed, over one client.

mod api;
mod assumptions;
mod catalog_imports;
mod file_body;
mod import_sets;
mod wire;

pub use api::StripeSettings;
pub use assumptions::{CATALOG_IMPORTS_VERSION, IMPORT_SETS_VERSION, UPLOAD_HOST};
pub use catalog_imports::CatalogImports;
pub use import_sets::ImportSets;

use tillhouse_checkout::feed::FeedUpload;

/// Idempotency key of a step of an upload. It is another one after each that is spent.
fn key(upload: &FeedUpload, step: &str) -> String {
    match upload.remote.spent_keys {
        0 => format!("{}-{step}", upload.id),
        spent => format!("{}-{step}-{spent}", upload.id),
    }
}
