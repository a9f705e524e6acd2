//! The table of faults (rows) and peers (columns), with the expected outcome in each cell.

use tillhouse_tests::proxy::Fault;

use crate::cell::Cell;
use crate::peer::PEERS;

/// The fault of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellFault {
    /// Connections are refused until the fault is removed.
    Refused,
    /// The configured host name does not resolve, until the configuration is fixed.
    UnknownHost,
    /// The peer does not support TLS but is configured with https, until the configuration is fixed.
    NoTls,
    /// The proxy injects this fault into the exchange.
    Injected(Fault),
    /// The peer does nothing, answers 500, and replays that response under the same idempotency key, as Stripe does.
    ReplayedError,
}

/// Response to the agent's complete request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AgentResponse {
    Completed,
    InProgress,
    /// An error with a 5xx status.
    Error,
}

/// Expected outcome of a cell once the outbox is empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    pub(crate) agent_response: AgentResponse,
    /// Captures in the acquirer's ledger. With one there is an order and one report of the payment, otherwise neither.
    pub(crate) charges: usize,
    /// Reports to Stripe of a failed payment.
    pub(crate) failures_reported: usize,
    /// Number of times that the order event is delivered to the agent's platform.
    pub(crate) arrivals: usize,
    /// Without a charge: whether the same token can pay afterwards. A new token always can.
    pub(crate) is_token_usable: bool,
    /// Known defect because of which the host does not reach this outcome yet.
    pub(crate) defect: Option<&'static str>,
}

/// Paid, with no visible effect of the fault.
const PAID: Expected = Expected {
    agent_response: AgentResponse::Completed,
    charges: 1,
    failures_reported: 0,
    arrivals: 1,
    is_token_usable: false,
    defect: None,
};

/// Paid after an unknown outcome: the charge is found, or sent again with the same bytes under the same idempotency key.
const LATER: Expected = Expected {
    agent_response: AgentResponse::InProgress,
    ..PAID
};

/// Not paid, and the token was not used.
const NOT_PAID: Expected = Expected {
    agent_response: AgentResponse::Error,
    charges: 0,
    is_token_usable: true,
    ..PAID
};

/// Not paid after an unknown outcome: the host was restarted while it retrieved the token, which does not use it.
const RESTARTED: Expected = Expected {
    agent_response: AgentResponse::InProgress,
    ..NOT_PAID
};

/// Not paid, and the token may have been consumed.
const CONSUMED: Expected = Expected {
    is_token_usable: false,
    ..NOT_PAID
};

/// Paid, and the order event was delivered this often: it is retried if the response of the platform was lost.
const fn delivered(arrivals: usize) -> Option<Expected> {
    Some(Expected { arrivals, ..PAID })
}

/// No cell: the fault lasts until it is removed, so it cannot occur only once. See the next column.
const LASTING: Option<Expected> = None;
/// No cell: the first request succeeds, so there is no retry. See the previous column.
const NO_RETRY: Option<Expected> = None;
/// No cell: the peer replays the response under the key for all retries, so one fault is the same as several.
const SAME_REPLAY: Option<Expected> = None;
/// No cell: the agent's platform does not replay responses under a key, so this is the same as any 5xx.
const NO_REPLAY: Option<Expected> = None;

const fn injected(fault: Fault) -> CellFault {
    CellFault::Injected(fault)
}

type Row = (&'static str, CellFault, [Option<Expected>; PEERS.len()]);

/// The rows. An event counts as delivered once the platform has responded with a 2xx status, whatever follows the response head:
/// the body has no further meaning in ACP, and a redelivered event is recognized by its id.
#[rustfmt::skip]
const ROWS: [Row; 17] = [
    // Fault                                                   resolve once    resolve          processor       report      webhook
    ("refused",           CellFault::Refused,                 [LASTING,        Some(LATER),     Some(CONSUMED), Some(PAID), delivered(1)]),
    ("no such name",      CellFault::UnknownHost,             [LASTING,        Some(RESTARTED), Some(CONSUMED), Some(PAID), delivered(1)]),
    ("TLS failure",       CellFault::NoTls,                   [LASTING,        Some(RESTARTED), Some(CONSUMED), Some(PAID), delivered(1)]),
    ("reset before",      injected(Fault::ResetBefore),       [Some(PAID),     Some(PAID),      Some(LATER),    Some(PAID), delivered(1)]),
    ("reset amid",        injected(Fault::ResetAmid),         [Some(PAID),     Some(PAID),      Some(LATER),    Some(PAID), delivered(1)]),
    ("reset after",       injected(Fault::ResetAfter),        [Some(PAID),     Some(PAID),      Some(LATER),    Some(PAID), delivered(3)]),
    ("silence",           injected(Fault::Silence),           [Some(PAID),     Some(PAID),      Some(LATER),    Some(PAID), delivered(3)]),
    ("reset after head",  injected(Fault::ResetAfterHead),    [Some(PAID),     Some(PAID),      Some(LATER),    Some(PAID), delivered(1)]),
    ("truncated",         injected(Fault::Truncated),         [Some(PAID),     Some(PAID),      Some(LATER),    Some(PAID), delivered(1)]),
    ("garbage",           injected(Fault::Garbage),           [Some(PAID),     Some(PAID),      Some(LATER),    Some(PAID), delivered(1)]),
    ("5xx after success", injected(Fault::ErrorAfterSuccess), [Some(PAID),     Some(LATER),     Some(LATER),    Some(PAID), delivered(3)]),
    ("429",               injected(Fault::TooManyRequests),   [Some(LATER),    Some(LATER),     Some(LATER),    Some(PAID), delivered(1)]),
    ("drip",              injected(Fault::Drip),              [Some(PAID),     Some(PAID),      Some(LATER),    Some(PAID), delivered(3)]),
    ("duplicate",         injected(Fault::Duplicate),         [Some(PAID),     NO_RETRY,        Some(PAID),     Some(PAID), delivered(2)]),
    ("huge body",         injected(Fault::HugeBody),          [Some(PAID),     Some(PAID),      Some(LATER),    Some(PAID), delivered(1)]),
    ("header bomb",       injected(Fault::HeaderBomb),        [Some(PAID),     Some(PAID),      Some(LATER),    Some(PAID), delivered(3)]),
    ("5xx kept",          CellFault::ReplayedError,           [Some(NOT_PAID), SAME_REPLAY,     Some(LATER),    Some(PAID), NO_REPLAY]),
];

/// The cells of the table, row by row.
pub(crate) fn cells() -> impl Iterator<Item = Cell> {
    ROWS.into_iter().flat_map(|(row, fault, outcomes)| {
        let outcomes = PEERS.into_iter().zip(outcomes);
        outcomes.filter_map(move |(peer, expected)| {
            Some(Cell {
                row,
                fault,
                peer,
                expected: expected?,
            })
        })
    })
}
