//! The client of a connection or request, identified by its address.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, header};
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Maximum number of trusted proxies in a row that are skipped to find the client.
const HOPS: usize = 16;

/// A client to which the limits per address apply: an IPv4 address, or the /64 network of an IPv6 address, because one client
/// usually has a whole /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Client(IpAddr);

impl Client {
    pub(crate) fn at(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.into()),
            IpAddr::V6(address) => {
                let network = u128::from(address) >> 64 << 64;
                Self(Ipv6Addr::from(network).into())
            }
        }
    }
}

/// Whether an address belongs to a trusted proxy, whose forwarding headers are read.
pub(crate) fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    let address = address.to_canonical();
    trusted.iter().any(|network| network.contains(&address))
}

/// The client that a trusted proxy forwards for: the last address in `X-Forwarded-For`, or else in `Forwarded` (RFC 7239), that
/// is not a trusted proxy itself. Earlier entries were sent by that client and are not trustworthy.
pub(crate) fn forwarded_client(headers: &HeaderMap, trusted: &[IpNet]) -> Option<Client> {
    let lists = |name: &str| -> Vec<&str> {
        let values = headers.get_all(name).iter().rev();
        values.filter_map(|value| value.to_str().ok()).collect()
    };
    let simple = lists(FORWARDED_FOR);
    if simple.is_empty() {
        let lists = lists(header::FORWARDED.as_str());
        let elements = lists.iter().flat_map(|list| list.rsplit(','));
        return last(elements.map(forwarded_for), trusted);
    }
    last(simple.iter().flat_map(|list| list.rsplit(',')).map(address), trusted)
}

/// The last address that is not a trusted proxy. `None` if an entry before it is not an address.
fn last(addresses: impl Iterator<Item = Option<IpAddr>>, trusted: &[IpNet]) -> Option<Client> {
    for address in addresses.take(HOPS) {
        let address = address?;
        if !is_trusted(address, trusted) {
            return Some(Client::at(address));
        }
    }
    None
}

/// The address in the `for` parameter of one element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, node) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    address(node.trim().trim_matches('"'))
}

/// Parse an address with or without a port; IPv6 with a port is in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn asked(headers: &[(&'static str, &str)]) -> Option<Client> {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "127.0.0.1/32"].map(|net| net.parse().unwrap()).to_vec();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        forwarded_client(&map, &trusted)
    }

    fn is(address: &str) -> Option<Client> {
        Some(Client::at(address.parse().unwrap()))
    }

    #[test]
    fn the_last_address_that_no_trusted_proxy_has_is_the_client() {
        for (value, client) in [
            ("192.0.2.1", is("192.0.2.1")),
            ("203.0.113.9, 192.0.2.1", is("192.0.2.1")),
            ("203.0.113.9, 192.0.2.1, 10.1.2.3", is("192.0.2.1")),
            ("192.0.2.1:4711", is("192.0.2.1")),
            ("[2001:db8::1]:4711", is("2001:db8::1")),
            ("::ffff:192.0.2.1", is("192.0.2.1")),
            ("10.1.2.3", None),
            ("192.0.2.1, unknown", None),
            ("", None),
        ] {
            assert_eq!(asked(&[("x-forwarded-for", value)]), client, "{value}");
        }
        let twice = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(asked(&twice), is("192.0.2.1"));
    }

    #[test]
    fn the_standard_field_is_read_where_the_usual_one_is_not_there() {
        for (value, client) in [
            ("for=192.0.2.60;proto=http;by=203.0.113.43", is("192.0.2.60")),
            (
                "for=198.51.100.1, For=\"[2001:db8:cafe::17]:4711\"",
                is("2001:db8:cafe::17"),
            ),
            ("for=192.0.2.1, for=10.0.0.1", is("192.0.2.1")),
            ("for=_hidden", None),
            ("proto=https", None),
        ] {
            assert_eq!(asked(&[("forwarded", value)]), client, "{value}");
        }
        let both = [("forwarded", "for=203.0.113.9"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(asked(&both), is("192.0.2.1"));
        assert_eq!(asked(&[]), None);
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let client = |text: &str| Client::at(text.parse().unwrap());
        assert_eq!(client("2001:db8::1"), client("2001:db8::ffff:1"));
        assert_ne!(client("2001:db8::1"), client("2001:db8:0:1::1"));
        assert_eq!(client("::ffff:192.0.2.1"), client("192.0.2.1"));
        assert_ne!(client("192.0.2.2"), client("192.0.2.1"));
    }
}
