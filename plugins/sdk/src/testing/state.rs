//! State of the test host.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
};

use super::Request;
use crate::{
    catalog::Item,
    egress::{Error, Response},
    kv::Versioned,
};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) config: BTreeMap<String, String>,
    pub(super) items: BTreeMap<String, Item>,
    pub(super) columns: BTreeMap<(String, String), String>,
    pub(super) counters: BTreeMap<String, i64>,
    pub(super) values: BTreeMap<String, Versioned>,
    pub(super) answers: VecDeque<Result<Response, Error>>,
    pub(super) requests: Vec<Request>,
    pub(super) lines: Vec<String>,
    pub(super) now: u64,
}

thread_local! {
    static CURRENT: RefCell<Option<State>> = const { RefCell::new(None) };
}

pub(super) fn set(state: Option<State>) {
    CURRENT.with_borrow_mut(|current| *current = state);
}

/// Gives access to the installed host; if none is installed, an empty one is used.
pub(super) fn with<R>(read: impl FnOnce(&mut State) -> R) -> R {
    CURRENT.with_borrow_mut(|current| read(current.get_or_insert_default()))
}
