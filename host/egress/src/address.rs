//! Allowed destination addresses. A name is checked by the addresses it resolves to, never by its spelling.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Scope of an IP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressScope {
    /// The public internet: always allowed.
    Public,
    /// This machine or a private network: an operator may allow it for one upstream.
    Private,
    /// Link-local, metadata, multicast, reserved or translated: never allowed.
    Forbidden,
}

/// Address of AWS's IPv6 metadata service: inside the private range, and never a valid destination.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254);

/// Scope of an address (IANA special-purpose address registries, RFC 6890).
#[must_use]
pub fn address_scope(address: IpAddr) -> AddressScope {
    match address.to_canonical() {
        IpAddr::V4(address) => scope_v4(address),
        IpAddr::V6(address) => scope_v6(address),
    }
}

fn scope_v4(address: Ipv4Addr) -> AddressScope {
    match address.octets() {
        [10 | 127, ..] | [192, 168, ..] | [172, 16..=31, ..] | [100, 64..=127, ..] => AddressScope::Private,
        // "This network", link-local (metadata), protocol assignments, documentation, 6to4 relays, benchmarks, multicast and
        // everything above it.
        [0 | 224..=255, ..]
        | [169, 254, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => AddressScope::Forbidden,
        _ => AddressScope::Public,
    }
}

fn scope_v6(address: Ipv6Addr) -> AddressScope {
    if address == METADATA_V6 {
        return AddressScope::Forbidden;
    }
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] | [0xfc00..=0xfdff, ..] => AddressScope::Private,
        // Teredo and the other assignments of 2001::/23, documentation, 6to4.
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0..=0x0fff, ..] => AddressScope::Forbidden,
        [0x2000..=0x3fff, ..] => AddressScope::Public,
        _ => AddressScope::Forbidden,
    }
}

/// Whether requests may be sent to this address.
#[must_use]
pub fn is_allowed(address: IpAddr, allow_private: bool) -> bool {
    match address_scope(address) {
        AddressScope::Public => true,
        AddressScope::Private => allow_private,
        AddressScope::Forbidden => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_reached_without_a_grant() {
        let table = [
            ("1.1.1.1", AddressScope::Public),
            ("172.15.0.1", AddressScope::Public),
            ("172.32.0.1", AddressScope::Public),
            ("2606:4700::1111", AddressScope::Public),
            ("::ffff:1.1.1.1", AddressScope::Public),
            ("127.0.0.1", AddressScope::Private),
            ("10.1.2.3", AddressScope::Private),
            ("172.16.0.1", AddressScope::Private),
            ("192.168.1.1", AddressScope::Private),
            ("100.64.0.1", AddressScope::Private),
            ("::1", AddressScope::Private),
            ("::ffff:10.0.0.1", AddressScope::Private),
            ("fd12::1", AddressScope::Private),
            ("0.0.0.0", AddressScope::Forbidden),
            ("169.254.169.254", AddressScope::Forbidden),
            ("::ffff:169.254.169.254", AddressScope::Forbidden),
            ("fd00:ec2::254", AddressScope::Forbidden),
            ("fe80::1", AddressScope::Forbidden),
            ("224.0.0.1", AddressScope::Forbidden),
            ("255.255.255.255", AddressScope::Forbidden),
            ("198.18.0.1", AddressScope::Forbidden),
            ("64:ff9b::a9fe:a9fe", AddressScope::Forbidden),
            ("2002:7f00:1::", AddressScope::Forbidden),
            ("2001:0:1::", AddressScope::Forbidden),
            ("::7f00:1", AddressScope::Forbidden),
            ("ff02::1", AddressScope::Forbidden),
            ("::", AddressScope::Forbidden),
        ];
        for (text, expected) in table {
            assert_eq!(address_scope(text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn a_grant_never_reaches_metadata() {
        assert!(is_allowed("127.0.0.1".parse().unwrap(), true));
        assert!(!is_allowed("127.0.0.1".parse().unwrap(), false));
        assert!(!is_allowed("169.254.169.254".parse().unwrap(), true));
    }
}
