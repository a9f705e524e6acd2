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
    /// How often the event of the order comes to the agent's platform.
    pub(crate) arrivals: usize,
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
    arrivals: 1,
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

/// Not known at first, and in the end not paid: the host was started again while the token was being read, which touches nothing.
const LEFT: End = End {
    told: Told::InProgress,
    ..KEPT
};

/// Not paid, and the token may be used up.
const SPENT: End = End {
    token_is_good: false,
    ..KEPT
};

/// Paid, and the event came so often: a platform that does not get its answer through hears of the order again.
const fn heard(arrivals: usize) -> End {
    End { arrivals, ..PAID }
}

/// The fault lasts until it is mended, so that it cannot strike once: see the next column.
const LASTS: Option<End> = None;
/// Nothing to try again: the first of these requests is answered well. See the column before.
const ENDS: Option<End> = None;
/// What the peer keeps under a key stays for all tries: once is as often as always.
const STAYS: Option<End> = None;
/// A platform keeps no answer under a key: it is the same as any 5xx.
const KEEPS_NONE: Option<End> = None;

const fn spoiled(fault: Fault) -> Trouble {
    Trouble::Spoiled(fault)
}

type Row = (&'static str, Trouble, [Option<End>; PEERS.len()]);

/// A platform that answered with a 2xx has taken the event, whatever comes after the head of its answer: a body says nothing
/// that a status does not (protocol reference §9.2), and an event that came is told apart by its id if it comes again.
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
