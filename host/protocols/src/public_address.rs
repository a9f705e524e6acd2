//! The address by which a request reached a merchant, as far as it can be trusted.

use std::net::IpAddr;

use axum::http::uri::Authority;

/// The host name and the path prefix that a request was sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicAddress {
    /// Host and port of the request.
    pub(crate) authority: Option<Authority>,
    /// `/m/{merchant}`; empty if the merchant was found by the host name.
    pub(crate) prefix: String,
    /// Whether the host name is one of the merchant's.
    pub(crate) is_own_host: bool,
}

impl PublicAddress {
    /// URL of the merchant's endpoints without a slash at its end; `None` if the client may have made the host name up.
    ///
    /// A name of the merchant's is reached over TLS at the usual port: the port in a request is the client's word. A loopback address
    /// is this machine, whose port is the listener's own.
    pub(crate) fn url(&self) -> Option<String> {
        let authority = self.authority.as_ref()?;
        let (host, prefix) = (authority.host().to_ascii_lowercase(), &self.prefix);
        if is_loopback(&host) {
            let port = authority.port_u16().map_or_else(String::new, |port| format!(":{port}"));
            return Some(format!("http://{host}{port}{prefix}"));
        }
        self.is_own_host.then(|| format!("https://{host}{prefix}"))
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(authority: &str, prefix: &str, is_own_host: bool) -> Option<String> {
        let address = PublicAddress {
            authority: authority.parse().ok(),
            prefix: prefix.to_owned(),
            is_own_host,
        };
        address.url()
    }

    #[test]
    fn only_names_of_the_merchant_and_this_machine_are_trusted() {
        for (authority, prefix, is_own_host, expected) in [
            ("shop.example", "", true, Some("https://shop.example")),
            ("shop.example:8443", "", true, Some("https://shop.example")),
            ("evil.example", "/m/acme", false, None),
            ("127.0.0.1:8080", "/m/acme", false, Some("http://127.0.0.1:8080/m/acme")),
            ("[::1]:8080", "/m/acme", false, Some("http://[::1]:8080/m/acme")),
            ("localhost:8080", "/m/acme", false, Some("http://localhost:8080/m/acme")),
            ("localhost.evil.example", "/m/acme", false, None),
            ("10.0.0.7", "/m/acme", false, None),
            ("", "/m/acme", false, None),
        ] {
            assert_eq!(url(authority, prefix, is_own_host).as_deref(), expected, "{authority}");
        }
    }
}
