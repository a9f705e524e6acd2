//! Objects that clients address by number.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tillhouse_plugin_protocol::{RequestError, RequestErrorKind};

/// Objects by number, starting at 1. Numbers are never reused.
#[derive(Debug)]
pub(super) struct Registry<T> {
    /// Noun for messages: `component`, `trial` or `shop`.
    noun: &'static str,
    objects: Mutex<(u64, BTreeMap<u64, Arc<T>>)>,
}

impl<T> Registry<T> {
    pub(super) fn of(noun: &'static str) -> Self {
        Self {
            noun,
            objects: Mutex::default(),
        }
    }

    pub(super) fn add(&self, object: Arc<T>) -> u64 {
        let mut objects = self.objects();
        objects.0 += 1;
        let number = objects.0;
        objects.1.insert(number, object);
        number
    }

    pub(super) fn get(&self, number: u64) -> Result<Arc<T>, RequestError> {
        let found = self.objects().1.get(&number).cloned();
        found.ok_or_else(|| self.unknown(number))
    }

    pub(super) fn take(&self, number: u64) -> Result<Arc<T>, RequestError> {
        let taken = self.objects().1.remove(&number);
        taken.ok_or_else(|| self.unknown(number))
    }

    fn unknown(&self, number: u64) -> RequestError {
        let message = format!("there is no {} {number}: it never existed, or was closed", self.noun);
        RequestError::new(RequestErrorKind::Unknown, message)
    }

    fn objects(&self) -> MutexGuard<'_, (u64, BTreeMap<u64, Arc<T>>)> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
