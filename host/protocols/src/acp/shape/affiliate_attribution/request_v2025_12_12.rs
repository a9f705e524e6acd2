//! The affiliate that led the buyer to the merchant (schema `AffiliateAttribution`). Write-only: it is never returned (ACP RFC affiliate
//! attribution §4.3.4). Fields that the schema does not define are allowed and have no meaning.

use serde::Deserialize;

use crate::fields::{DateTime, FlatMetadata, Url};
use crate::json::{BodyError, BodyErrorKind};
use crate::personal_data::is_personal;
use tillhouse_checkout::decision::Attribution;

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct AffiliateAttribution {
    provider: String,
    token: Option<String>,
    publisher_id: Option<String>,
    campaign_id: Option<String>,
    creative_id: Option<String>,
    sub_id: Option<String>,
    source: Option<Source>,
    issued_at: Option<DateTime>,
    expires_at: Option<DateTime>,
    metadata: Option<FlatMetadata>,
    touchpoint: Option<Touchpoint>,
}

/// Where the buyer came from (schema `AffiliateAttributionSource`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Source {
    #[serde(rename = "type")]
    kind: SourceType,
    url: Option<Url>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SourceType {
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

impl AffiliateAttribution {
    /// The attribution of a request that is sent at this point of the checkout: what it says of itself takes precedence.
    ///
    /// # Errors
    /// Without a token and a publisher, and with data of a person (§6.2).
    pub(crate) fn at(self, touchpoint: Touchpoint) -> Result<Attribution, BodyError> {
        let touchpoint = self.touchpoint.unwrap_or(touchpoint);
        let attribution = self.attribution(touchpoint);
        attribution.map_err(|error| error.in_field("affiliate_attribution"))
    }

    fn attribution(self, touchpoint: Touchpoint) -> Result<Attribution, BodyError> {
        if self.token.is_none() && self.publisher_id.is_none() {
            return Err(BodyError::new(
                BodyErrorKind::Missing,
                "requires a token or a publisher_id",
            ));
        }
        let named = [
            ("publisher_id", self.publisher_id),
            ("campaign_id", self.campaign_id),
            ("creative_id", self.creative_id),
            ("sub_id", self.sub_id),
        ];
        let named = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let named: Vec<(&str, String)> = named.collect();
        let metadata = self.metadata.unwrap_or_default().0;
        if let Some((name, _)) = named.iter().find(|(_, value)| is_personal("", value)) {
            return Err(BodyError::personal_data().in_field(name));
        }
        if let Some((key, _)) = metadata.iter().find(|(key, value)| is_personal(key, value)) {
            return Err(BodyError::personal_data().in_field(key).in_field("metadata"));
        }
        let source = self.source.map(Source::fields).unwrap_or_default();
        let times = [("issued_at", self.issued_at), ("expires_at", self.expires_at)];
        let times = times.into_iter().filter_map(|(name, at)| Some((name, at?.0.rfc3339())));
        let fields = named.into_iter().chain(source).chain(times);
        let fields = fields.map(|(name, value)| (name.to_owned(), value));
        let metadata = metadata
            .into_iter()
            .map(|(key, value)| (format!("metadata.{key}"), value));
        Ok(Attribution {
            touch: touchpoint.name().to_owned(),
            provider: self.provider,
            token: self.token,
            fields: fields.chain(metadata).collect(),
        })
    }
}

impl Source {
    fn fields(self) -> Vec<(&'static str, String)> {
        let kind = match self.kind {
            SourceType::Url => "url",
            SourceType::Platform => "platform",
            SourceType::Unknown => "unknown",
        };
        let url = self.url.map(|url| ("source.url", url.0));
        [("source.type", kind.to_owned())].into_iter().chain(url).collect()
    }
}

impl Touchpoint {
    const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
        }
    }
}
