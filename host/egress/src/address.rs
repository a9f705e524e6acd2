//! Allowed destination addresses. A name is checked by the addresses it resolves to, never by its spelling.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Scope of an IP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The public internet: always allowed.
    Public,
    /// This machine or a private network: an operator may allow it for one upstream.
    Private,
    /// Link-local, metadata, multicast, reserved or translated: never allowed.
    Never,
}

/// Address of AWS's IPv6 metadata service: inside the private range, and never a valid destination.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254);

/// Scope of an address (IANA special-purpose address registries, RFC 6890).
#[must_use]
pub fn reach(address: IpAddr) -> Reach {
    match address.to_canonical() {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        [10 | 127, ..] | [192, 168, ..] | [172, 16..=31, ..] | [100, 64..=127, ..] => Reach::Private,
        // "This network", link-local (metadata), protocol assignments, documentation, 6to4 relays, benchmarks, multicast and
        // everything above it.
        [0 | 224..=255, ..]
        | [169, 254, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => Reach::Never,
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    if address == METADATA_V6 {
        return Reach::Never;
    }
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] | [0xfc00..=0xfdff, ..] => Reach::Private,
        // Teredo and the other assignments of 2001::/23, documentation, 6to4.
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0..=0x0fff, ..] => Reach::Never,
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Never,
    }
}

/// Whether requests may be sent to this address.
#[must_use]
pub fn allowed(address: IpAddr, allow_private: bool) -> bool {
    match reach(address) {
        Reach::Public => true,
        Reach::Private => allow_private,
        Reach::Never => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_reached_without_a_grant() {
        let table = [
            ("1.1.1.1", Reach::Public),
            ("172.15.0.1", Reach::Public),
            ("172.32.0.1", Reach::Public),
            ("2606:4700::1111", Reach::Public),
            ("::ffff:1.1.1.1", Reach::Public),
            ("127.0.0.1", Reach::Private),
            ("10.1.2.3", Reach::Private),
            ("172.16.0.1", Reach::Private),
            ("192.168.1.1", Reach::Private),
            ("100.64.0.1", Reach::Private),
            ("::1", Reach::Private),
            ("::ffff:10.0.0.1", Reach::Private),
            ("fd12::1", Reach::Private),
            ("0.0.0.0", Reach::Never),
            ("169.254.169.254", Reach::Never),
            ("::ffff:169.254.169.254", Reach::Never),
            ("fd00:ec2::254", Reach::Never),
            ("fe80::1", Reach::Never),
            ("224.0.0.1", Reach::Never),
            ("255.255.255.255", Reach::Never),
            ("198.18.0.1", Reach::Never),
            ("64:ff9b::a9fe:a9fe", Reach::Never),
            ("2002:7f00:1::", Reach::Never),
            ("2001:0:1::", Reach::Never),
            ("::7f00:1", Reach::Never),
            ("ff02::1", Reach::Never),
            ("::", Reach::Never),
        ];
        for (text, expected) in table {
            assert_eq!(reach(text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn a_grant_never_reaches_metadata() {
        assert!(allowed("127.0.0.1".parse().unwrap(), true));
        assert!(!allowed("127.0.0.1".parse().unwrap(), false));
        assert!(!allowed("169.254.169.254".parse().unwrap(), true));
    }
}
