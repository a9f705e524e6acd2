//! Steps of an upload of a feed.

use crate::points::Step::{self, Commit, Effect, Transfer};

/// An upload of a feed is asked for, and its file is rendered.
pub(crate) const ASKED: [Step; 2] = [Commit("audit.feed.upload", 1), Commit("feed.asked", 2)];
pub(crate) const BY_IMPORT_SET: [Step; 6] = [
    Transfer("POST /v1/files", 1),
    Commit("feed.uploading", 1),
    Effect("POST /v1/data_management/import_sets", 1),
    Commit("feed.processing", 1),
    Effect("GET /v1/data_management/import_sets/*", 1),
    Transfer("GET /v1/files/*/contents", 1),
];
/// Where the looks begin in [`BY_IMPORT_SET`].
pub(crate) const LOOKED_AT_IMPORT_SET: usize = 4;
pub(crate) const BY_CATALOG_IMPORT: [Step; 5] = [
    Effect("POST /v2/commerce/product_catalog/imports", 1),
    Commit("feed.uploading", 1),
    Transfer("PUT /files/upload/*", 1),
    Commit("feed.processing", 1),
    Transfer("GET /files/download/*", 1),
];
/// What Stripe may have is remembered before its file is sent, and what it has at the end.
pub(crate) const ENDED: [Step; 2] = [Commit("feed.remembered", 2), Commit("feed.succeeded_with_errors", 1)];
