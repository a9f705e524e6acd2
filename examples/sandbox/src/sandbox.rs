//! All simulators, sharing one clock.

use std::io;
use std::time::Duration;

use crate::acp_feed::{AcpFeedConfig, AcpFeedServer};
use crate::acquirer::{Acquirer, AcquirerConfig};
use crate::adyen::{Adyen, AdyenConfig};
use crate::authentication::{AuthenticationConfig, AuthenticationProvider, Authentications};
use crate::clock::Clock;
use crate::receiver::{Receiver, ReceiverConfig};
use crate::stripe::{Stripe, StripeConfig};

/// Configuration of a sandbox; the default uses free ports, the test keys and the real-time clock.
#[derive(Clone, Debug, Default)]
pub struct SandboxConfig {
    /// Configuration of the Stripe simulator.
    pub stripe: StripeConfig,
    /// Configuration of the simulated Adyen.
    pub adyen: AdyenConfig,
    /// Configuration of the card acquirer.
    pub acquirer: AcquirerConfig,
    /// Configuration of the receiver of order events.
    pub receiver: ReceiverConfig,
    /// Configuration of the provider of authentications.
    pub authentication: AuthenticationConfig,
    /// Configuration of the agent that hosts product feeds.
    pub acp_feed: AcpFeedConfig,
    /// Clock that all servers share.
    pub clock: Clock,
}

/// Running simulators; they stop when this is dropped.
#[derive(Debug)]
pub struct Sandbox {
    /// The running Stripe simulator.
    pub stripe: Stripe,
    /// The running Adyen simulator.
    pub adyen: Adyen,
    /// The simulated card acquirer.
    pub acquirer: Acquirer,
    /// The receiver of order events.
    pub receiver: Receiver,
    /// The provider of 3-D Secure authentications.
    pub authentication: AuthenticationProvider,
    /// The agent that hosts product feeds.
    pub acp_feed: AcpFeedServer,
    clock: Clock,
}

impl Sandbox {
    /// Starts every server on loopback.
    ///
    /// # Errors
    /// When a port cannot be bound.
    pub async fn start(config: SandboxConfig) -> io::Result<Self> {
        let SandboxConfig {
            stripe,
            adyen,
            acquirer,
            receiver,
            authentication,
            acp_feed,
            clock,
        } = config;
        let authentications = Authentications::new(clock.clone());
        Ok(Self {
            stripe: Stripe::start(stripe, clock.clone()).await?,
            adyen: Adyen::start(adyen, authentications.clone(), clock.clone()).await?,
            acquirer: Acquirer::start(acquirer, authentications.clone(), clock.clone()).await?,
            receiver: Receiver::start(receiver, clock.clone()).await?,
            authentication: AuthenticationProvider::start(authentication, authentications, clock.clone()).await?,
            acp_feed: AcpFeedServer::start(acp_feed, clock.clone()).await?,
            clock,
        })
    }

    /// The clock that all servers share; an agent should use it too.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Moves the clock forward, so that tokens, cards and idempotency keys expire.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Stops all servers and waits until their connections have ended.
    pub async fn stop(self) {
        self.stripe.stop().await;
        self.adyen.stop().await;
        self.acquirer.stop().await;
        self.receiver.stop().await;
        self.authentication.stop().await;
        self.acp_feed.stop().await;
    }
}
