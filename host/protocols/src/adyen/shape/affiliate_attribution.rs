//! The affiliate that led the buyer to the merchant (`AcpAffiliateAttribution`). Only the provider is required. It is never returned.

use serde::Deserialize;

use crate::fields::{DateTime, Metadata};
use crate::personal_data::is_personal;
use tillhouse_checkout::decision::Attribution;
use tillhouse_checkout::mask;

use super::bounded_text::BoundedText;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct AffiliateAttribution {
    provider: BoundedText<1, 256>,
    token: Option<String>,
    publisher_id: Option<String>,
    campaign_id: Option<String>,
    creative_id: Option<String>,
    sub_id: Option<String>,
    touchpoint: Option<Touchpoint>,
    source: Option<Source>,
    issued_at: Option<DateTime>,
    expires_at: Option<DateTime>,
    metadata: Option<Metadata>,
}

/// At which point of the checkout the affiliate is named.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Touchpoint {
    First,
    Last,
}

/// Where the buyer came from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Source {
    r#type: SourceType,
    url: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SourceType {
    Url,
    Platform,
    Unknown,
}

impl AffiliateAttribution {
    /// The attribution of a request that is sent at this point: what it says of itself takes precedence. Values that look like data of a
    /// person or like a card number are dropped: affiliates are told of, and such data has no place there.
    pub(crate) fn at(self, touchpoint: Touchpoint) -> Attribution {
        let touch = match self.touchpoint.unwrap_or(touchpoint) {
            Touchpoint::First => "first",
            Touchpoint::Last => "last",
        };
        let source = self.source.map(Source::fields).unwrap_or_default();
        let named = [
            ("publisher_id", self.publisher_id),
            ("campaign_id", self.campaign_id),
            ("creative_id", self.creative_id),
            ("sub_id", self.sub_id),
            ("source.type", source.0),
            ("source.url", source.1),
            ("issued_at", self.issued_at.map(|at| at.0.rfc3339())),
            ("expires_at", self.expires_at.map(|at| at.0.rfc3339())),
        ];
        let named = named
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let named = named.filter(|(_, value)| may_be_kept("", value));
        let metadata = self.metadata.unwrap_or_default().0;
        let is_kept = |key: &str, value: &str| may_be_kept(key, value) && may_be_kept("", key);
        let metadata = metadata.pairs().filter(|(key, value)| is_kept(key, value));
        let metadata = metadata.map(|(key, value)| (format!("metadata.{key}"), value));
        Attribution {
            touch: touch.to_owned(),
            provider: mask(&self.provider.0),
            token: self.token.filter(|token| may_be_kept("", token)),
            fields: named.chain(metadata).collect(),
        }
    }
}

impl Source {
    fn fields(self) -> (Option<String>, Option<String>) {
        let kind = match self.r#type {
            SourceType::Url => "url",
            SourceType::Platform => "platform",
            SourceType::Unknown => "unknown",
        };
        (Some(kind.to_owned()), self.url)
    }
}

fn may_be_kept(name: &str, value: &str) -> bool {
    !is_personal(name, value) && !mask(value).contains("[card]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Nulls, parse, read};

    #[test]
    fn a_card_number_is_dropped_wherever_it_stands() {
        let body = br#"{"provider": "blog 4242 4242 4242 4242", "token": "4242424242424242", "publisher_id": "4242-4242-4242-4242",
                        "campaign_id": "spring", "source": {"type": "url", "url": "https://a.example/?c=4242424242424242"},
                        "metadata": {"4242424242424242": "a", "b": "4242424242424242", "c": 4242424242424242, "d": "e"}}"#;
        let read: AffiliateAttribution = read(&parse(body).unwrap(), Nulls::Refused).unwrap();
        let attribution = read.at(Touchpoint::Last);
        assert_eq!(
            (attribution.provider.as_str(), attribution.token),
            ("blog [card]", None)
        );
        let kept: Vec<_> = attribution.fields.into_iter().collect();
        let expected = [("campaign_id", "spring"), ("source.type", "url"), ("metadata.d", "e")];
        assert_eq!(kept, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
