//! What Stripe does not publish about feeds, or publishes in more than one way, and what we take it for. A setting each where that helps.
//!
//! - Retrieving an import that awaits its file gives a new upload URL once the old one has expired. Stripe says so of the error file's
//!   URL only. If it is not so, a new import is begun, under another key: the old one never gets a file.
//! - The file of the refused rows is at `error_file.download_url.url` in the reference of the object, and at `error_file.url` in the
//!   guide. Either is read.
//! - The versions below: Stripe documents the seed's import sets with a beta flag, and catalog imports with `mode` and promotions from
//!   this release on.
//! - Import sets know one format, that of products (`standard_data_format`). Formats of other feeds are not published.
//! - An import set in `pending_archive` or `archived` is over; what became of it is in its `result`.
//! - An answer 500 is kept under its idempotency key in API v1, and says nothing of what has been done
//!   (<https://docs.stripe.com/error-low-level>). Stripe documents no way to list import sets, so that one that was begun all the same
//!   cannot be found; a second one of the same file does the same.
//! - A file that Stripe keeps, and that no import refers to, does nothing. So a file may be uploaded again under another key after a
//!   server error, which Stripe would repeat under the first.

/// `Stripe-Version` of import sets (<https://docs.stripe.com/agentic-commerce/for-sellers/custom>).
pub const IMPORT_SETS_VERSION: &str = "2025-09-30.clover;udap_beta=v1";

/// `Stripe-Version` of catalog imports
/// (<https://docs.stripe.com/changelog/dahlia/2026-06-24/product-catalog-import-v2-improvements>).
pub const CATALOG_IMPORTS_VERSION: &str = "2026-06-24.dahlia";

/// Host of the URLs that catalog imports give, and its subdomains
/// (<https://docs.stripe.com/api/v2/commerce/product-catalog-imports/object>).
pub const UPLOAD_HOST: &str = "stripeusercontent.com";

/// `standard_data_format` of a feed of products.
pub(super) const PRODUCT_FORMAT: &str = "product_catalog_feed";

/// `purpose` of an uploaded feed.
pub(super) const FILE_PURPOSE: &str = "data_management_manual_upload";

/// Most bytes of a file of the Files API for feeds: 200 MB.
pub(super) const MAX_FILE: u64 = 200_000_000;

/// Most bytes of a file of a catalog import: 4 GB.
pub(super) const MAX_IMPORT: u64 = 4_000_000_000;
