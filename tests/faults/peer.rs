//! The peers of a payment, each with the request that fails.

use tillhouse_sandbox::receiver;
use tillhouse_tests::proxy::Route;

/// A server that the host calls during a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    /// Issues the tokens, and keeps the payment records.
    Stripe,
    /// The merchant's payment processor, which charges the card.
    Acquirer,
    /// The agent's webhook endpoint for order events.
    Receiver,
}

/// A kind of outbox message, sent after the response to the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutboxKind {
    /// The report of the payment to Stripe.
    Report,
    /// The order event to the agent's webhook endpoint.
    Event,
}

impl OutboxKind {
    /// Stored `kind` of these outbox messages.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Report => "stripe.report_payment",
            Self::Event => "acp.order_event",
        }
    }
}

/// A column of the table: a peer and the request that fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) server: Server,
    /// Method and path of the request that fails.
    pub(crate) route: Route,
    /// The last request to the same server before the failing one; `None` if that is the first.
    pub(crate) before: Option<Route>,
    /// Number of times that the request fails before it succeeds.
    pub(crate) times: usize,
    /// The outbox message that makes the request; `None` if it is made while the agent waits.
    pub(crate) outbox_kind: Option<OutboxKind>,
}

const RETRIEVE: Route = Route::new("GET", "/v1/shared_payment/granted_tokens/*");
const RESOLVE: Route = Route::new("POST", "/v1/shared_payment/granted_tokens/*/resolve");

const RESOLVES: Peer = Peer {
    name: "resolve",
    server: Server::Stripe,
    route: RESOLVE,
    before: Some(RETRIEVE),
    // The number of attempts after which the host treats an error of Stripe as permanent.
    times: 3,
    outbox_kind: None,
};

/// The columns of the table, in order.
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
        outbox_kind: None,
    },
    Peer {
        name: "report",
        server: Server::Stripe,
        route: Route::new("POST", "/v1/payment_records/report_payment"),
        before: Some(RESOLVE),
        times: 2,
        outbox_kind: Some(OutboxKind::Report),
    },
    Peer {
        name: "webhook",
        server: Server::Receiver,
        route: Route::new("POST", receiver::PATH),
        before: None,
        times: 2,
        outbox_kind: Some(OutboxKind::Event),
    },
];
