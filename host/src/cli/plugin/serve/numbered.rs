//! Objects that clients address by number.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tillhouse_plugin_protocol::{Kind, Problem};

/// Objects by number, starting at 1. Numbers are never reused.
#[derive(Debug)]
pub(super) struct Numbered<T> {
    /// Noun for messages: `component`, `trial` or `shop`.
    called: &'static str,
    kept: Mutex<(u64, BTreeMap<u64, Arc<T>>)>,
}

impl<T> Numbered<T> {
    pub(super) fn of(called: &'static str) -> Self {
        Self {
            called,
            kept: Mutex::default(),
        }
    }

    pub(super) fn add(&self, thing: Arc<T>) -> u64 {
        let mut kept = self.kept();
        kept.0 += 1;
        let number = kept.0;
        kept.1.insert(number, thing);
        number
    }

    pub(super) fn get(&self, number: u64) -> Result<Arc<T>, Problem> {
        let found = self.kept().1.get(&number).cloned();
        found.ok_or_else(|| self.unknown(number))
    }

    pub(super) fn take(&self, number: u64) -> Result<Arc<T>, Problem> {
        let taken = self.kept().1.remove(&number);
        taken.ok_or_else(|| self.unknown(number))
    }

    fn unknown(&self, number: u64) -> Problem {
        let message = format!("there is no {} {number}: it never existed, or was closed", self.called);
        Problem::new(Kind::Unknown, message)
    }

    fn kept(&self) -> MutexGuard<'_, (u64, BTreeMap<u64, Arc<T>>)> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
