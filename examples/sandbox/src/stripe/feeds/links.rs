//! Links that work for five minutes, without a key: where a file is put, and where an error file is.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock::rfc3339;
use crate::id::{FileId, ImportId};

/// How long a link works.
const LIFETIME_SECS: i64 = 300;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LinkTarget {
    Upload(ImportId),
    Download(FileId),
}

#[derive(Clone, Debug)]
pub(super) struct Link {
    token: String,
    expires_at: i64,
    target: LinkTarget,
}

impl Link {
    pub(super) fn to_json(&self, base: &str) -> Value {
        let verb = match self.target {
            LinkTarget::Upload(_) => "upload",
            LinkTarget::Download(_) => "download",
        };
        let url = format!("{base}/files/{verb}/{}?expires={}", self.token, self.expires_at);
        json!({"url": url, "expires_at": rfc3339(self.expires_at)})
    }
}

/// Every link that was given out.
#[derive(Debug, Default)]
pub(crate) struct Links(HashMap<String, Link>);

impl Links {
    pub(super) fn issue(&mut self, target: LinkTarget, now: i64) -> Link {
        let link = Link {
            token: Uuid::new_v4().simple().to_string(),
            expires_at: now + LIFETIME_SECS,
            target,
        };
        self.0.insert(link.token.clone(), link.clone());
        link
    }

    /// What a link leads to, unless it has expired or was never given out.
    pub(super) fn target(&self, token: &str, now: i64) -> Option<LinkTarget> {
        let link = self.0.get(token)?;
        (now < link.expires_at).then(|| link.target.clone())
    }

    pub(super) fn expire_all(&mut self) {
        for link in self.0.values_mut() {
            link.expires_at = 0;
        }
    }
}
