//! A simulated agent that hosts product feeds: ACP's Feed API of 2026-04-17 (`openapi.feed.yaml`).
//!
//! A merchant creates a feed, and upserts products into it. Products are checked against the schema, kept, and can be read back. What ACP
//! adds after 2026-04-17, an id for each update, is off unless a test turns it on.

mod error;
mod feeds;
mod product;
mod routes;

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

pub use feeds::{HostedFeed, Upsert};

use self::feeds::Feeds;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::gate::Hold;
use crate::pipeline::Pipeline;
use crate::secret::Secret;
use crate::server::Server;
use crate::sync::lock;

/// The first release of ACP that has this API.
pub const API_VERSION: &str = "2026-04-17";

/// Operations that a merchant can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Creates a feed for a country.
    CreateFeed,
    /// Reads the metadata of a feed.
    RetrieveFeed,
    /// Reads all products of a feed.
    RetrieveProducts,
    /// Creates and replaces products of a feed.
    UpsertProducts,
}

impl crate::fault::Operation for Operation {
    fn route(self) -> &'static str {
        match self {
            Self::CreateFeed => "POST /feeds",
            Self::RetrieveFeed => "GET /feeds/{id}",
            Self::RetrieveProducts => "GET /feeds/{id}/products",
            Self::UpsertProducts => "PATCH /feeds/{id}/products",
        }
    }
}

/// Configuration of the agent's feed server.
#[derive(Clone, Debug)]
pub struct AcpFeedConfig {
    /// Port on 127.0.0.1; 0 chooses a free one.
    pub port: u16,
    /// The only API key that it accepts, as Bearer token.
    pub api_key: Secret,
}

impl Default for AcpFeedConfig {
    fn default() -> Self {
        Self {
            port: 0,
            api_key: "feed_test_sandbox".into(),
        }
    }
}

#[derive(Debug)]
struct FeedServerState {
    pipeline: Arc<Pipeline<Operation>>,
    feeds: Mutex<Feeds>,
    api_key: Secret,
    assigns_update_ids: AtomicBool,
    refuses_upserts: AtomicBool,
    refused_products: Mutex<HashSet<String>>,
}

/// A running server of feeds; stops when it is dropped.
#[derive(Debug)]
pub struct AcpFeedServer {
    state: Arc<FeedServerState>,
    server: Server,
}

impl AcpFeedServer {
    /// Starts listening on loopback.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start(config: AcpFeedConfig, clock: Clock) -> io::Result<Self> {
        let pipeline = Arc::new(Pipeline::new(clock));
        let lifetime = pipeline.lifetime.clone();
        let state = Arc::new(FeedServerState {
            pipeline,
            feeds: Mutex::default(),
            api_key: config.api_key,
            assigns_update_ids: AtomicBool::new(false),
            refuses_upserts: AtomicBool::new(false),
            refused_products: Mutex::default(),
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

    /// Every feed, in the order in which they were created.
    #[must_use]
    pub fn feeds(&self) -> Vec<HostedFeed> {
        lock(&self.state.feeds).all()
    }

    /// From now on each update gets an id, as ACP defines after 2026-04-17: `feed_update_id` of the answer, `last_update_id` of the
    /// products.
    pub fn assign_update_ids(&self) {
        self.state.assigns_update_ids.store(true, Ordering::SeqCst);
    }

    /// Answers upserts with `accepted: false`, and takes nothing of them, until it is set to false.
    pub fn refuse_upserts(&self, refuse: bool) {
        self.state.refuses_upserts.store(refuse, Ordering::SeqCst);
    }

    /// Refuses every upsert that has one of these products, as an agent does with rules beyond the schema; none to take all again.
    pub fn refuse_products(&self, ids: &[&str]) {
        *lock(&self.state.refused_products) = ids.iter().map(|id| (*id).to_owned()).collect();
    }

    /// Forgets all feeds, as an agent does that is set up anew.
    pub fn forget_feeds(&self) {
        *lock(&self.state.feeds) = Feeds::default();
    }

    /// Injects a fault into the next request of `operation`; several faults are used in order.
    pub fn fail_next(&self, operation: Operation, fault: Fault) {
        self.state.pipeline.control.fail_next(operation, fault);
    }

    /// Holds every request of `operation` before it has any effect, until the hold is released or dropped.
    pub fn hold(&self, operation: Operation) -> Hold {
        self.state.pipeline.control.hold(operation)
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
