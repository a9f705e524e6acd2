//! `[server]`: the listener and its limits.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;

use super::section::Section;
use tillhouse_protocols::loopback_networks;

/// The listener and its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerConfig {
    /// `listen`: address and port; port 0 takes a free one. Default: `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// `max_body_bytes`: maximum size of a request body. Default: 262144.
    pub max_body_bytes: usize,
    /// `header_timeout_ms`: timeout for receiving the request head. Default: 5000.
    pub header_timeout: Duration,
    /// `body_timeout_ms`: timeout for receiving the body. Default: 10000.
    pub body_timeout: Duration,
    /// `request_timeout_ms`: after this long, a payment in progress is answered as in progress. Default: 9500.
    pub request_timeout: Duration,
    /// `operation_deadline_ms`: after this long, any other operation is answered with 503. Default: 9500. A commit that was begun before
    /// is waited for, half a second at most: with the defaults an agent has its answer within ten seconds.
    pub operation_deadline: Duration,
    /// `confirm_deadline_ms`: both for Stripe. All three count from the arrival of the request head. Stripe gives a hook four
    /// seconds, including network time, so at most 3500. Default: 3000.
    pub confirm_deadline: Duration,
    /// `max_connections`: concurrent connections. For another one, the longest idle connection is closed; if none is idle, it is
    /// answered with 503. Health checks have connections of their own. Default: 1024.
    pub max_connections: usize,
    /// `max_connections_per_address`: concurrent connections of one address (IPv6: one /64 network), and concurrent requests of a
    /// client that a trusted proxy names. Default: 64.
    pub max_connections_per_address: usize,
    /// `trusted_proxies`: addresses and networks of proxies that are trusted to name the client, in `X-Forwarded-For` or
    /// `Forwarded`. The limit per address does not apply to their own connections. Default: `["127.0.0.1", "::1"]`.
    pub trusted_proxies: Vec<IpNet>,
    /// `drain_delay_ms`: time from `/readyz` reporting 503 until the listener closes, for load balancers to notice. Default:
    /// 5000.
    pub drain_delay: Duration,
    /// `drain_timeout_ms`: timeout for requests in progress when the host stops. Default: 30000.
    pub drain_timeout: Duration,
    /// `payments_drain_timeout_ms`: timeout for payments in progress after that; the next start resumes the rest from their last
    /// recovery points. Default: 25000.
    pub payments_drain_timeout: Duration,
}

impl ServerConfig {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let listen = section.text("listen").unwrap_or_else(|| "127.0.0.1:8080".into());
        let listen = listen.parse();
        if listen.is_err() {
            section.error(
                "listen",
                "is not an address with a port",
                "write for instance \"127.0.0.1:8080\" or \"[::]:8080\"",
            );
        }
        let day = 1..=86_400_000;
        let config = Self {
            listen: listen.unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 0))),
            max_body_bytes: section.number("max_body_bytes", 1024..=16_777_216).unwrap_or(262_144),
            header_timeout: section
                .millis("header_timeout_ms", day.clone())
                .unwrap_or(Duration::from_secs(5)),
            body_timeout: section
                .millis("body_timeout_ms", day.clone())
                .unwrap_or(Duration::from_secs(10)),
            request_timeout: section
                .millis("request_timeout_ms", day.clone())
                .unwrap_or(Duration::from_millis(9_500)),
            operation_deadline: section
                .millis("operation_deadline_ms", day)
                .unwrap_or(Duration::from_millis(9_500)),
            confirm_deadline: section
                .millis("confirm_deadline_ms", 1..=3_500)
                .unwrap_or(Duration::from_secs(3)),
            drain_delay: section
                .millis("drain_delay_ms", 0..=600_000)
                .unwrap_or(Duration::from_secs(5)),
            drain_timeout: section
                .millis("drain_timeout_ms", 1..=600_000)
                .unwrap_or(Duration::from_secs(30)),
            payments_drain_timeout: section
                .millis("payments_drain_timeout_ms", 1..=600_000)
                .unwrap_or(Duration::from_secs(25)),
            max_connections: section.number("max_connections", 1..=1_000_000).unwrap_or(1024),
            max_connections_per_address: section
                .number("max_connections_per_address", 1..=1_000_000)
                .unwrap_or(64),
            trusted_proxies: trusted_proxies(&mut section),
        };
        section.finish();
        Some(config)
    }
}

fn trusted_proxies(section: &mut Section<'_>) -> Vec<IpNet> {
    const KEY: &str = "trusted_proxies";
    let is_given = section.has(KEY);
    let values = section.list(KEY);
    if !is_given {
        return loopback_networks();
    }
    let networks = values.iter().filter_map(|value| {
        let network = network(value.text()?);
        if network.is_none() {
            let help = "write for instance \"10.0.0.0/8\", \"192.0.2.7\" or \"2001:db8::/32\"";
            value.error("is neither an address nor a network", help);
        }
        network
    });
    networks.collect()
}

fn network(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address)
}
