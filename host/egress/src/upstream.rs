//! A destination for requests, as the operator configured it.

use std::collections::BTreeSet;
use std::time::Duration;

use url::{Host, Url};

/// Why a base URL or a path is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// The base URL does not parse, or cannot be a destination.
    #[error("upstream {name}: base URL: {reason}")]
    Base {
        /// Name of the upstream.
        name: String,
        /// What is wrong with it, and what would be valid.
        reason: String,
    },
    /// The path is not valid below the base URL.
    #[error("path: {0}")]
    Path(&'static str),
}

/// An upstream: a base URL and what the operator allows with it.
#[derive(Clone, Debug)]
pub struct Upstream {
    name: String,
    base: Url,
    /// Plain http is allowed (`allow_http`): for a simulator on this machine, never for card data over a network.
    pub allow_http: bool,
    /// Loopback and private addresses are allowed: `allow_loopback` in the configuration. Link-local and metadata addresses never
    /// are.
    pub allow_private: bool,
    /// Names of the secrets that may be filled into requests to it.
    pub secrets: BTreeSet<String>,
    /// Credential slots that may be filled into requests to it.
    pub credential_slots: BTreeSet<String>,
    /// Timeout of one whole exchange.
    pub timeout: Duration,
}

impl Upstream {
    /// An upstream without any grant beyond TLS to public addresses; set the public fields to grant more.
    ///
    /// # Errors
    /// When the base is not an absolute `http` or `https` URL without user, query and fragment.
    pub fn new(name: impl Into<String>, base: &str) -> Result<Self, UpstreamError> {
        let name = name.into();
        let base_error = |reason: String| UpstreamError::Base {
            name: name.clone(),
            reason,
        };
        let base = Url::parse(base).map_err(|error| base_error(error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(base_error(
                "must begin with https:// (or http://, where that is granted)".into(),
            ));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(base_error("must not contain a user or password; use a secret".into()));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(base_error("must not have a query or fragment".into()));
        }
        Ok(Self {
            name,
            base,
            allow_http: false,
            allow_private: false,
            secrets: BTreeSet::new(),
            credential_slots: BTreeSet::new(),
            timeout: Duration::from_secs(15),
        })
    }

    /// Name in manifests, configuration and messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Base URL; requests stay below its path.
    #[must_use]
    pub const fn base(&self) -> &Url {
        &self.base
    }

    /// The URL of a path below the base, with query parameters encoded.
    ///
    /// # Errors
    /// When the path could leave the base: it must begin with `/` and contain no `..`, `//`, `\`, `?`, `#`, `%2e`, `%2f`, `%5c`
    /// or control characters.
    pub fn join(&self, path: &str, query: &[(String, String)]) -> Result<Url, UpstreamError> {
        check_path(path)?;
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// Whether the URL has the base's scheme, host and port and lies below its path.
    #[must_use]
    pub fn covers(&self, url: &Url) -> bool {
        let base = self.base.path().trim_end_matches('/');
        let below = url.path().strip_prefix(base);
        url.scheme() == self.base.scheme()
            && url.host() == self.base.host()
            && url.port_or_known_default() == self.base.port_or_known_default()
            && url.username().is_empty()
            && url.password().is_none()
            && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The IP address, if the host of the base URL is one: it does not go through the resolver.
    pub(super) fn ip_literal(&self) -> Option<std::net::IpAddr> {
        match self.base.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        }
    }
}

fn check_path(path: &str) -> Result<(), UpstreamError> {
    let lower = path.to_ascii_lowercase();
    let reason = if !path.starts_with('/') {
        "must begin with /"
    } else if path.chars().any(char::is_control) {
        "must not contain control characters"
    } else if path.contains("//") || path.contains('\\') {
        "must not contain // or \\"
    } else if path.contains(['?', '#']) {
        "must not contain a query or fragment; use `query`"
    } else if ["%2e", "%2f", "%5c"].iter().any(|escape| lower.contains(escape)) {
        "must not contain escaped dots or slashes"
    } else if path.split('/').any(|segment| segment == "." || segment == "..") {
        "must not contain . or .. segments"
    } else {
        return Ok(());
    };
    Err(UpstreamError::Path(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_base() {
        let upstream = Upstream::new("psp", "https://psp.example/api/").unwrap();
        let query = [("reference".to_owned(), "a b&c".to_owned())];
        let url = upstream.join("/v1/charges", &query).unwrap();
        assert_eq!(url.as_str(), "https://psp.example/api/v1/charges?reference=a+b%26c");
        assert!(upstream.covers(&url));
        for path in [
            "v1",
            "/a/../b",
            "/..",
            "//evil.example",
            "/a\\b",
            "/a\nb",
            "/%2e%2E/x",
            "/a%2fb",
            "/a?b",
            "/a#b",
            "",
        ] {
            assert!(upstream.join(path, &[]).is_err(), "{path}");
        }
    }

    #[test]
    fn another_host_scheme_port_or_path_is_not_covered() {
        let upstream = Upstream::new("psp", "https://psp.example/api").unwrap();
        for url in [
            "http://psp.example/api/x",
            "https://psp.example.evil.example/api/x",
            "https://psp.example:8443/api/x",
            "https://psp.example/apix",
            "https://user@psp.example/api/x",
        ] {
            assert!(!upstream.covers(&Url::parse(url).unwrap()), "{url}");
        }
    }

    #[test]
    fn a_base_is_an_absolute_web_address_without_credentials() {
        for base in [
            "psp.example",
            "ftp://a.example",
            "https://u:p@a.example",
            "https://a.example?x=1",
            "data:x",
        ] {
            assert!(Upstream::new("psp", base).is_err(), "{base}");
        }
    }
}
