//! The schema of ACP's Feed API (`schema.feed.json`), and every body of it that a host has sent.

use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use serde_json::Value;
use tillhouse_sandbox::acp_feed::HostedFeed;

use super::Official;
use crate::acp::Release;

/// Path of the schema, within the folder of all releases.
#[must_use]
pub fn file(folder: &Path) -> PathBuf {
    folder
        .join(Release::V2026_04_17.as_str())
        .join("json-schema/schema.feed.json")
}

/// The schema of the Feed API.
#[derive(Debug)]
pub struct FeedSchema(Official);

impl FeedSchema {
    /// Read the schema; `None` if there is none in this folder.
    #[must_use]
    pub fn read(folder: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(file(folder)).ok()?;
        let schema = serde_json::from_str(&text).expect("the schema is JSON");
        Some(Self(Official::of(schema)))
    }

    /// Validate a body against one of the definitions.
    ///
    /// # Errors
    /// Every place that does not fit.
    pub fn check(&self, definition: &str, body: &Value) -> Result<(), Failed> {
        self.0.check(definition, body)
    }

    /// Whether a body fits one of the definitions.
    #[must_use]
    pub fn accepts(&self, definition: &str, body: &Value) -> bool {
        self.0.accepts(definition, body)
    }

    /// Validate every request that made these feeds, or upserted into them. Returns the number of requests.
    ///
    /// # Errors
    /// What does not fit.
    pub fn check_requests(&self, feeds: &[HostedFeed]) -> Result<usize, Failed> {
        let mut count = 0;
        for feed in feeds {
            self.check("CreateFeedRequest", &feed.request)?;
            for upsert in &feed.upserts {
                self.check("UpsertProductsRequest", &upsert.body)?;
            }
            count += 1 + feed.upserts.len();
        }
        Ok(count)
    }
}
