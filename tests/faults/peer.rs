//! The peers of a payment, each with the request that goes wrong.

use tillhouse_tests::proxy::Route;

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    /// Tokens and payment records.
    Stripe,
    /// The merchant's processor.
    Acquirer,
}

/// A peer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) server: Server,
    /// The request that goes wrong.
    pub(crate) route: Route,
    /// The last request that the same server gets before it, if there is one.
    pub(crate) before: Option<Route>,
    /// How often it goes wrong.
    pub(crate) times: usize,
    /// Whether it is made from the outbox, after the answer to the agent.
    pub(crate) is_later: bool,
}

const RETRIEVE: Route = Route::new("GET", "/v1/shared_payment/granted_tokens/*");
const RESOLVE: Route = Route::new("POST", "/v1/shared_payment/granted_tokens/*/resolve");

const RESOLVES: Peer = Peer {
    name: "resolve",
    server: Server::Stripe,
    route: RESOLVE,
    before: Some(RETRIEVE),
    // As often as the host tries.
    times: 3,
    is_later: false,
};

/// The columns of the table.
pub(crate) const PEERS: [Peer; 4] = [
    Peer {
        name: "resolve once",
        times: 1,
        ..RESOLVES
    },
    RESOLVES,
    Peer {
        name: "processor",
        server: Server::Acquirer,
        route: Route::new("POST", "/v1/charges"),
        before: None,
        times: 1,
        is_later: false,
    },
    Peer {
        name: "report",
        server: Server::Stripe,
        route: Route::new("POST", "/v1/payment_records/report_payment"),
        before: Some(RESOLVE),
        times: 2,
        is_later: true,
    },
];
