//! All simulators under one clock.

use std::io;
use std::time::Duration;

use crate::acquirer::{Acquirer, AcquirerConfig};
use crate::clock::Clock;
use crate::receiver::{Receiver, ReceiverConfig};
use crate::stripe::{Stripe, StripeConfig};

/// How to start a sandbox; the default takes free ports, the test keys and the machine's clock.
#[derive(Clone, Debug, Default)]
pub struct SandboxConfig {
    /// The Stripe simulator.
    pub stripe: StripeConfig,
    /// The card acquirer.
    pub acquirer: AcquirerConfig,
    /// The receiver of order events.
    pub receiver: ReceiverConfig,
    /// The time they all go by.
    pub clock: Clock,
}

/// Running simulators; dropped, they stop.
#[derive(Debug)]
pub struct Sandbox {
    /// The Stripe simulator.
    pub stripe: Stripe,
    /// The card acquirer.
    pub acquirer: Acquirer,
    /// The receiver of order events.
    pub receiver: Receiver,
    clock: Clock,
}

impl Sandbox {
    /// Starts every server on loopback.
    ///
    /// # Errors
    /// A port cannot be bound.
    pub async fn start(config: SandboxConfig) -> io::Result<Self> {
        let SandboxConfig {
            stripe,
            acquirer,
            receiver,
            clock,
        } = config;
        Ok(Self {
            stripe: Stripe::start(stripe, clock.clone()).await?,
            acquirer: Acquirer::start(acquirer, clock.clone()).await?,
            receiver: Receiver::start(receiver, clock.clone()).await?,
            clock,
        })
    }

    /// The clock all servers share; give it to an agent too.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Moves the clock forward, so that tokens, cards and idempotency keys age.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Stops them and waits until their connections have ended.
    pub async fn stop(self) {
        self.stripe.stop().await;
        self.acquirer.stop().await;
        self.receiver.stop().await;
    }
}
