//! The peers of a payment, each with the request that goes wrong.

use tillhouse_sandbox::receiver;
use tillhouse_tests::proxy::Route;

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    /// Tokens and payment records.
    Stripe,
    /// The merchant's processor.
    Acquirer,
    /// An agent that is told of orders.
    Receiver,
}

/// Work of the outbox, done after the answer to the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// Stripe is told of the payment.
    Report,
    /// Agents are told of the order.
    Event,
}

impl Errand {
    /// The kind of its messages.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Report => "stripe.report_payment",
            Self::Event => "acp.order_event",
        }
    }
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
    /// The errand that makes it, where it is not made while the agent waits.
    pub(crate) errand: Option<Errand>,
}

const RETRIEVE: Route = Route::new("GET", "/v1/shared_payment/granted_tokens/*");
const RESOLVE: Route = Route::new("POST", "/v1/shared_payment/granted_tokens/*/resolve");

const RESOLVES: Peer = Peer {
    name: "resolve",
    server: Server::Stripe,
    route: RESOLVE,
    before: Some(RETRIEVE),
    // As often as an error of Stripe's own is believed to pass.
    times: 3,
    errand: None,
};

/// The columns of the table.
pub(crate) const PEERS: [Peer; 5] = [
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
        errand: None,
    },
    Peer {
        name: "report",
        server: Server::Stripe,
        route: Route::new("POST", "/v1/payment_records/report_payment"),
        before: Some(RESOLVE),
        times: 2,
        errand: Some(Errand::Report),
    },
    Peer {
        name: "webhook",
        server: Server::Receiver,
        route: Route::new("POST", receiver::PATH),
        before: None,
        times: 2,
        errand: Some(Errand::Event),
    },
];
