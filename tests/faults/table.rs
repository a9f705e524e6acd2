//! The table of faults (rows) and peers (columns), with the expected outcome in each cell.

use tillhouse_tests::proxy::Fault;

use crate::cell::Cell;
use crate::peer::PEERS;

/// The fault of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Connections are refused until the fault is removed.
    Refused,
    /// The configured host name does not resolve, until the configuration is fixed.
    NoName,
    /// The peer does not support TLS but is configured with https, until the configuration is fixed.
    NoTls,
    /// The proxy injects this fault into the exchange.
    Spoiled(Fault),
    /// The peer does nothing, answers 500, and replays that response under the same idempotency key, as Stripe does.
    ErrorKept,
}

/// Response to the agent's complete request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Completed,
    InProgress,
    /// An error with a 5xx status.
    Error,
}

/// Expected outcome of a cell once the outbox is empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) told: Told,
    /// Captures in the acquirer's ledger. With one there is an order and one report of the payment, otherwise neither.
    pub(crate) charges: usize,
    /// Reports to Stripe of a failed payment.
    pub(crate) failures_reported: usize,
    /// Number of times that the order event is delivered to the agent's platform.
    pub(crate) arrivals: usize,
    /// Without a charge: whether the same token can pay afterwards. A new token always can.
    pub(crate) token_is_good: bool,
    /// Known defect because of which the host does not reach this outcome yet.
    pub(crate) defect: Option<&'static str>,
}

/// Paid, with no visible effect of the fault.
const PAID: End = End {
    told: Told::Completed,
    charges: 1,
    failures_reported: 0,
    arrivals: 1,
    token_is_good: false,
    defect: None,
};

/// Paid after an unknown outcome: the charge is found, or sent again with the same bytes under the same idempotency key.
const FOUND: End = End {
    told: Told::InProgress,
    ..PAID
};

/// Not paid, and the token was not used.
const KEPT: End = End {
    told: Told::Error,
    charges: 0,
    token_is_good: true,
    ..PAID
};

/// Not paid after an unknown outcome: the host was restarted while it retrieved the token, which does not use it.
const LEFT: End = End {
    told: Told::InProgress,
    ..KEPT
};

/// Not paid, and the token may have been consumed.
const SPENT: End = End {
    token_is_good: false,
    ..KEPT
};

/// Paid, and the order event was delivered this often: it is retried if the response of the platform was lost.
const fn heard(arrivals: usize) -> End {
    End { arrivals, ..PAID }
}

/// No cell: the fault lasts until it is removed, so it cannot occur only once. See the next column.
const LASTS: Option<End> = None;
/// No cell: the first request succeeds, so there is no retry. See the previous column.
const ENDS: Option<End> = None;
/// No cell: the peer replays the response under the key for all retries, so one fault is the same as several.
const STAYS: Option<End> = None;
/// No cell: the agent's platform does not replay responses under a key, so this is the same as any 5xx.
const KEEPS_NONE: Option<End> = None;

const fn spoiled(fault: Fault) -> Trouble {
    Trouble::Spoiled(fault)
}

type Row = (&'static str, Trouble, [Option<End>; PEERS.len()]);

/// The rows. An event counts as delivered once the platform has responded with a 2xx status, whatever follows the response head:
/// the body has no further meaning in ACP, and a redelivered event is recognized by its id.
#[rustfmt::skip]
const ROWS: [Row; 17] = [
    // What goes wrong                                               resolve once   resolve        processor      report         webhook
    ("refused",               Trouble::Refused,                     [LASTS,         Some(FOUND),   Some(SPENT),   Some(PAID),    Some(heard(1))]),
    ("no such name",          Trouble::NoName,                      [LASTS,         Some(LEFT),    Some(SPENT),   Some(PAID),    Some(heard(1))]),
    ("TLS failure",           Trouble::NoTls,                       [LASTS,         Some(LEFT),    Some(SPENT),   Some(PAID),    Some(heard(1))]),
    ("reset before",          spoiled(Fault::ResetBefore),          [Some(PAID),    Some(PAID),    Some(FOUND),   Some(PAID),    Some(heard(1))]),
    ("reset amid",            spoiled(Fault::ResetAmid),            [Some(PAID),    Some(PAID),    Some(FOUND),   Some(PAID),    Some(heard(1))]),
    ("reset after",           spoiled(Fault::ResetAfter),           [Some(PAID),    Some(PAID),    Some(FOUND),   Some(PAID),    Some(heard(3))]),
    ("silence",               spoiled(Fault::Silence),              [Some(PAID),    Some(PAID),    Some(FOUND),   Some(PAID),    Some(heard(3))]),
    ("reset after head",      spoiled(Fault::ResetAfterHead),       [Some(PAID),    Some(PAID),    Some(FOUND),   Some(PAID),    Some(heard(1))]),
    ("truncated",             spoiled(Fault::Truncated),            [Some(PAID),    Some(PAID),    Some(FOUND),   Some(PAID),    Some(heard(1))]),
    ("garbage",               spoiled(Fault::Garbage),              [Some(PAID),    Some(PAID),    Some(FOUND),   Some(PAID),    Some(heard(1))]),
    ("5xx after success",     spoiled(Fault::ErrorAfterSuccess),    [Some(PAID),    Some(FOUND),   Some(FOUND),   Some(PAID),    Some(heard(3))]),
    ("429",                   spoiled(Fault::TooManyRequests),      [Some(FOUND),   Some(FOUND),   Some(FOUND),   Some(PAID),    Some(heard(1))]),
    ("drip",                  spoiled(Fault::Drip),                 [Some(PAID),    Some(PAID),    Some(FOUND),   Some(PAID),    Some(heard(3))]),
    ("duplicate",             spoiled(Fault::Duplicate),            [Some(PAID),    ENDS,          Some(PAID),    Some(PAID),    Some(heard(2))]),
    ("huge body",             spoiled(Fault::HugeBody),             [Some(PAID),    Some(PAID),    Some(FOUND),   Some(PAID),    Some(heard(1))]),
    ("header bomb",           spoiled(Fault::HeaderBomb),           [Some(PAID),    Some(PAID),    Some(FOUND),   Some(PAID),    Some(heard(3))]),
    ("5xx kept",              Trouble::ErrorKept,                   [Some(KEPT),    STAYS,         Some(FOUND),   Some(PAID),    KEEPS_NONE]),
];

/// The cells of the table, row by row.
pub(crate) fn cells() -> impl Iterator<Item = Cell> {
    ROWS.into_iter().flat_map(|(row, trouble, ends)| {
        let ends = PEERS.into_iter().zip(ends);
        ends.filter_map(move |(peer, end)| {
            Some(Cell {
                row,
                trouble,
                peer,
                end: end?,
            })
        })
    })
}
