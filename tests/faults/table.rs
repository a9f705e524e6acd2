//! The table: a row a fault, a column a peer, in each cell how it ends.

use tillhouse_tests::proxy::Fault;

use crate::cell::Cell;
use crate::peer::PEERS;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Connections are refused until the peer is mended.
    Refused,
    /// The configured name does not resolve, until the configuration is mended.
    NoName,
    /// The peer does not speak TLS and is configured with https, until the configuration is mended.
    NoTls,
    /// The exchange is spoiled.
    Spoiled(Fault),
    /// The peer does nothing, answers 500, and gives the same answer again under the same key, as Stripe does.
    ErrorKept,
}

/// What the agent is told when it pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Completed,
    InProgress,
    /// An error that is not the agent's.
    Error,
}

/// How a cell ends when nothing is left to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) told: Told,
    /// Captures on the acquirer's books; with one there is an order and one report of it, without there is none.
    pub(crate) charges: usize,
    /// Reports of a payment that was not made.
    pub(crate) failures_reported: usize,
    /// Without a charge: whether the same token pays afterwards. Another one always does.
    pub(crate) token_is_good: bool,
    /// Why the host does not do so yet.
    pub(crate) defect: Option<&'static str>,
}

/// Paid, as if nothing had happened.
const PAID: End = End {
    told: Told::Completed,
    charges: 1,
    failures_reported: 0,
    token_is_good: false,
    defect: None,
};

/// Not known at first. The charge is found, or sent again with the same bytes under the same key, which is the same charge.
const FOUND: End = End {
    told: Told::InProgress,
    ..PAID
};

/// Not paid, and the token was not touched.
const KEPT: End = End {
    told: Told::Error,
    charges: 0,
    token_is_good: true,
    ..PAID
};

/// Not paid, and the token may be used up.
const SPENT: End = End {
    token_is_good: false,
    ..KEPT
};

const fn spoiled(fault: Fault) -> Trouble {
    Trouble::Spoiled(fault)
}

type Row = (&'static str, Trouble, [Option<End>; PEERS.len()]);

#[rustfmt::skip]
const ROWS: [Row; 17] = [
    // What goes wrong                                               resolve once   resolve        processor      report
    ("refused",               Trouble::Refused,                     [None,          Some(SPENT),   Some(SPENT),   Some(PAID)]),
    ("no such name",          Trouble::NoName,                      [None,          Some(KEPT),    Some(SPENT),   Some(PAID)]),
    ("TLS failure",           Trouble::NoTls,                       [None,          Some(KEPT),    Some(SPENT),   Some(PAID)]),
    ("reset before",          spoiled(Fault::ResetBefore),          [Some(PAID),    Some(SPENT),   Some(FOUND),   Some(PAID)]),
    ("reset amid",            spoiled(Fault::ResetAmid),            [Some(PAID),    Some(SPENT),   Some(FOUND),   Some(PAID)]),
    ("reset after",           spoiled(Fault::ResetAfter),           [Some(PAID),    Some(SPENT),   Some(FOUND),   Some(PAID)]),
    ("silence",               spoiled(Fault::Silence),              [Some(PAID),    Some(SPENT),   Some(FOUND),   Some(PAID)]),
    ("reset after head",      spoiled(Fault::ResetAfterHead),       [Some(PAID),    Some(SPENT),   Some(FOUND),   Some(PAID)]),
    ("truncated",             spoiled(Fault::Truncated),            [Some(PAID),    Some(SPENT),   Some(FOUND),   Some(PAID)]),
    ("garbage",               spoiled(Fault::Garbage),              [Some(PAID),    Some(SPENT),   Some(FOUND),   Some(PAID)]),
    ("5xx after success",     spoiled(Fault::ErrorAfterSuccess),    [Some(PAID),    Some(SPENT),   Some(FOUND),   Some(PAID)]),
    ("429",                   spoiled(Fault::TooManyRequests),      [Some(PAID),    Some(SPENT),   Some(FOUND),   Some(PAID)]),
    ("drip",                  spoiled(Fault::Drip),                 [Some(PAID),    Some(SPENT),   Some(FOUND),   Some(PAID)]),
    ("duplicate",             spoiled(Fault::Duplicate),            [Some(PAID),    None,          Some(PAID),    Some(PAID)]),
    ("huge body",             spoiled(Fault::HugeBody),             [Some(PAID),    Some(SPENT),   Some(FOUND),   Some(PAID)]),
    ("header bomb",           spoiled(Fault::HeaderBomb),           [Some(PAID),    Some(SPENT),   Some(FOUND),   Some(PAID)]),
    ("5xx kept",              Trouble::ErrorKept,                   [Some(SPENT),   None,          Some(FOUND),   Some(PAID)]),
];

/// Every cell.
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
