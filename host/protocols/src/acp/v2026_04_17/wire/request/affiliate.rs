//! Affiliate attribution of a request (schema `AffiliateAttribution`).

use serde::Deserialize;

use crate::fields::{DateTime, FlatMetadata};

/// Write-only: validated, and never returned (ACP RFC affiliate attribution §8). Other fields are allowed and ignored.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct AffiliateAttribution {
    #[serde(rename = "provider")]
    pub(crate) _provider: String,
    pub(crate) token: Option<String>,
    pub(crate) publisher_id: Option<String>,
    #[serde(rename = "campaign_id")]
    pub(crate) _campaign_id: Option<String>,
    #[serde(rename = "creative_id")]
    pub(crate) _creative_id: Option<String>,
    #[serde(rename = "sub_id")]
    pub(crate) _sub_id: Option<String>,
    #[serde(rename = "source")]
    pub(crate) _source: Option<Source>,
    #[serde(rename = "issued_at")]
    pub(crate) _issued_at: Option<DateTime>,
    #[serde(rename = "expires_at")]
    pub(crate) _expires_at: Option<DateTime>,
    #[serde(rename = "metadata")]
    pub(crate) _metadata: Option<FlatMetadata>,
    #[serde(rename = "touchpoint")]
    pub(crate) _touchpoint: Option<Touchpoint>,
}

/// Where the buyer came from (schema `AffiliateAttributionSource`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Source {
    #[serde(rename = "type")]
    pub(crate) _kind: SourceType,
    #[serde(rename = "url")]
    pub(crate) _url: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SourceType {
    Url,
    Platform,
    Unknown,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Touchpoint {
    First,
    Last,
}
