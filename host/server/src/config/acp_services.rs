//! What a merchant offers in `[merchants.NAME.acp]` beside checkouts.

use std::time::Duration;

use url::Url;

use super::section::Section;

/// A day in hours, times 90: the longest life of a cart.
const MAX_CART_HOURS: u64 = 90 * 24;

/// Services and bindings of ACP beside checkouts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcpServicesConfig {
    /// `carts`: serves `/carts`. Default: `true`.
    pub carts: bool,
    /// `cart_ttl_hours`: how long a cart lives after its last change. Default: 72.
    pub cart_ttl: Duration,
    /// `mcp`: serves `/mcp`. Default: `true`.
    pub mcp: bool,
    /// `mcp_origins`: origins of web pages that may call `/mcp`. Default: none.
    pub mcp_origins: Vec<String>,
    /// `public_url`: URL of the merchant's endpoints as agents reach it, for discovery. Default: `https://` and the name that a request
    /// was sent to, if it is one of `hosts`.
    pub public_url: Option<String>,
}

impl AcpServicesConfig {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let hours = section.number("cart_ttl_hours", 1..=MAX_CART_HOURS).unwrap_or(72);
        Self {
            carts: section.flag("carts").unwrap_or(true),
            cart_ttl: Duration::from_secs(hours * 3600),
            mcp: section.flag("mcp").unwrap_or(true),
            mcp_origins: origins(section),
            public_url: public_url(section),
        }
    }
}

fn origins(section: &mut Section<'_>) -> Vec<String> {
    let origins = section.texts("mcp_origins");
    for origin in &origins {
        let is_origin = Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
        if !is_origin {
            section.error(
                "mcp_origins",
                format!("{origin} is not an origin"),
                "write for instance \"https://agent.example\": scheme, host and a port that is not the usual one",
            );
        }
    }
    origins
}

/// A URL of endpoints, without a slash at its end; from `public_url`.
pub(super) fn public_url(section: &mut Section<'_>) -> Option<String> {
    let url = section.url("public_url")?;
    let has_credentials = !url.username().is_empty() || url.password().is_some();
    if url.query().is_some() || url.fragment().is_some() || has_credentials {
        section.error(
            "public_url",
            "has more than scheme, host and path",
            "write for instance \"https://shop.example\" or \"https://example.com/m/acme\"",
        );
    }
    Some(url.as_str().trim_end_matches('/').to_owned())
}
