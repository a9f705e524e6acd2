//! A simulated provider of 3-D Secure authentications, with the issuers behind it: ACP's `delegate_authentication`
//! (`openapi.delegate_authentication.yaml` of 2026-04-17).
//!
//! An agent creates a session for a card and an amount, has it authenticated, and sends the buyer to the page of a challenge where the
//! issuer wants one. The proof that a session ends with is what the sandbox's acquirer verifies.

mod error;
mod request;
mod routes;
mod session;
mod sessions;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

pub use session::{AuthenticationResult, AuthenticationStatus};
pub use sessions::Authentications;
pub(crate) use sessions::{Proof, ProofCheck};

use crate::clock::Clock;
use crate::fault::Fault;
use crate::pipeline::Pipeline;
use crate::secret::Secret;
use crate::server::Server;

/// The only release of ACP that has this API.
pub const API_VERSION: &str = "2026-04-17";

/// Operations that an agent can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Creates a session for a card and an amount.
    Create,
    /// Asks the issuer for its decision.
    Authenticate,
    /// Reads a session, with its result once there is one.
    Retrieve,
    /// What the buyer decides on the page of the challenge.
    Challenge,
}

impl crate::fault::Operation for Operation {
    fn route(self) -> &'static str {
        match self {
            Self::Create => "POST /delegate_authentication",
            Self::Authenticate => "POST /delegate_authentication/{id}/authenticate",
            Self::Retrieve => "GET /delegate_authentication/{id}",
            Self::Challenge => "POST /acs/{id}",
        }
    }
}

/// Configuration of the provider.
#[derive(Clone, Debug)]
pub struct AuthenticationConfig {
    /// Port on 127.0.0.1; 0 chooses a free one.
    pub port: u16,
    /// The only API key that it accepts.
    pub api_key: Secret,
}

impl Default for AuthenticationConfig {
    fn default() -> Self {
        Self {
            port: 0,
            api_key: "auth_test_sandbox".into(),
        }
    }
}

#[derive(Debug)]
struct ProviderState {
    pipeline: Arc<Pipeline<Operation>>,
    sessions: Authentications,
    api_key: Secret,
}

/// A running provider; stops when it is dropped.
#[derive(Debug)]
pub struct AuthenticationProvider {
    state: Arc<ProviderState>,
    server: Server,
}

impl AuthenticationProvider {
    /// Starts listening on loopback. Its sessions are those of `sessions`.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start(config: AuthenticationConfig, sessions: Authentications, clock: Clock) -> io::Result<Self> {
        let pipeline = Arc::new(Pipeline::new(clock));
        let lifetime = pipeline.lifetime.clone();
        let state = Arc::new(ProviderState {
            pipeline,
            sessions,
            api_key: config.api_key,
        });
        let server = Server::start(routes::router(Arc::clone(&state)), config.port, lifetime).await?;
        Ok(Self { state, server })
    }

    /// Address of the listening socket.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Base URL without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The API key that requests must send.
    #[must_use]
    pub fn api_key(&self) -> &Secret {
        &self.state.api_key
    }

    /// Injects a fault into the next request of `operation`; several faults are used in order.
    pub fn fail_next(&self, operation: Operation, fault: Fault) {
        self.state.pipeline.control.fail_next(operation, fault);
    }

    /// How many requests of `operation` arrived with a valid key, including replays and faults.
    #[must_use]
    pub fn received(&self, operation: Operation) -> u64 {
        self.state.pipeline.control.received(operation)
    }

    /// Stops listening and waits until every connection has ended.
    pub async fn stop(&self) {
        self.server.stop().await;
    }
}
