//! What happens in an interleaving.

use proptest::prelude::*;

use crate::testing::Offer;

/// Prices that go up and down, and back to what they were; several have the same total.
pub(super) const PRICES: [(i64, Offer); 8] = [
    (1000, offer("post", 0, None, 0, 0)),
    (900, offer("post", 100, None, 0, 0)),
    (900, offer("post", 0, Some(("service", 100)), 0, 0)),
    (900, offer("post", 0, Some(("handling", 100)), 0, 0)),
    (900, offer("post", 0, None, 0, 100)),
    (1100, offer("post", 0, None, 100, 0)),
    (1000, offer("courier", 0, None, 0, 0)),
    (1000, offer("post", 0, None, 300, 10)),
];

const fn offer(option: &'static str, price: i64, fee: Option<(&'static str, i64)>, discount: i64, tax: i64) -> Offer {
    Offer {
        option: (option, price),
        fee,
        discount,
        tax,
        available: None,
    }
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    /// The shop changes its prices.
    Price(usize),
    /// The shop has this many units left.
    Stock(Option<u64>),
    /// The shop's plugin fails, or works again.
    Down(bool),
    Wait(u64),
    Restart,
    Read {
        agent: usize,
        answered: bool,
    },
    Update {
        agent: usize,
        quantity: u32,
        key: Option<u8>,
        answered: bool,
    },
    Complete(Completion),
}

#[derive(Clone, Debug)]
pub(super) struct Completion {
    pub(super) agent: usize,
    /// `None` for a fresh one.
    pub(super) key: Option<u8>,
    /// Whether the token is the one of the completion before.
    pub(super) same_token: bool,
    pub(super) declined: bool,
    /// What happens between its quote and its reservation.
    pub(super) meanwhile: Vec<Step>,
}

fn quiet_step() -> impl Strategy<Value = Step> {
    let key = || prop::option::of(0_u8..3);
    prop_oneof![
        4 => (0..PRICES.len()).prop_map(Step::Price),
        1 => prop::option::of(0_u64..3).prop_map(Step::Stock),
        1 => any::<bool>().prop_map(Step::Down),
        3 => prop::sample::select(vec![1, 30, 61]).prop_map(Step::Wait),
        4 => (0_usize..2, prop::bool::weighted(0.8)).prop_map(|(agent, answered)| Step::Read { agent, answered }),
        2 => (0_usize..2, 1_u32..3, key(), prop::bool::weighted(0.8)).prop_map(
            |(agent, quantity, key, answered)| Step::Update { agent, quantity, key, answered }
        ),
    ]
}

fn completion_step() -> impl Strategy<Value = Step> {
    let meanwhile = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(quiet_step(), 1..4)];
    (
        0_usize..2,
        prop::option::of(0_u8..3),
        prop::bool::weighted(0.3),
        any::<bool>(),
        meanwhile,
    )
        .prop_map(|(agent, key, same_token, declined, meanwhile)| {
            Step::Complete(Completion {
                agent,
                key,
                same_token,
                declined,
                meanwhile,
            })
        })
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![8 => quiet_step(), 6 => completion_step(), 1 => Just(Step::Restart)];
    prop::collection::vec(step, 8..32)
}
