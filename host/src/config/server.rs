//! `[server]`.

use std::net::SocketAddr;
use std::time::Duration;

use super::section::Section;

/// The listener and its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerConfig {
    /// `listen`: address and port; port 0 takes a free one. `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// `max_body_bytes`: largest request body. 262144.
    pub max_body_bytes: usize,
    /// `header_timeout_ms`: for the request head to arrive. 5000.
    pub header_timeout: Duration,
    /// `body_timeout_ms`: for the body to arrive. 10000.
    pub body_timeout: Duration,
    /// `request_timeout_ms`: how long an agent waits for a payment before it hears that it is under way. 25000.
    pub request_timeout: Duration,
    /// `operation_deadline_ms`: how long an agent waits for anything else before it is answered 503. 10000.
    pub operation_deadline: Duration,
    /// `confirm_deadline_ms`: both for Stripe. All three count from the arrival of the request head. Stripe gives a hook four
    /// seconds, of which the network takes its part: at most 3500. 3000.
    pub confirm_deadline: Duration,
    /// `max_connections`: at once; further ones wait. 1024.
    pub max_connections: usize,
    /// `drain_delay_ms`: after `/readyz` has said no, until no more connections are taken: for load balancers to notice. 5000.
    pub drain_delay: Duration,
    /// `drain_timeout_ms`: for requests under way to end when the host stops. 30000.
    pub drain_timeout: Duration,
    /// `payments_drain_timeout_ms`: for payments under way to end after that; what is left goes on from its last recovery
    /// point at the next start. 25000.
    pub payments_drain_timeout: Duration,
}

impl ServerConfig {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let listen = section.text("listen").unwrap_or_else(|| "127.0.0.1:8080".into());
        let listen = listen.parse();
        if listen.is_err() {
            section.wrong(
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
                .unwrap_or(Duration::from_secs(25)),
            operation_deadline: section
                .millis("operation_deadline_ms", day)
                .unwrap_or(Duration::from_secs(10)),
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
        };
        section.finish();
        Some(config)
    }
}
