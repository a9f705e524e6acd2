//! I4: stock adds up for every item.

use std::collections::HashMap;

use super::event::Status;
use super::index::Index;
use super::{Invariant, Violations};

pub(super) fn check(index: &Index<'_>, found: &mut Violations) {
    let mut taken: HashMap<(&str, &str), i64> = HashMap::new();
    for final_state in &index.ledgers.final_states {
        // Sold, or reserved by a payment in progress.
        if matches!(final_state.shown.status, Status::Completed | Status::InProgress) {
            for line in &final_state.shown.lines {
                *taken.entry((&final_state.tenant, &line.item)).or_default() += line.quantity;
            }
        }
    }
    for item in &index.ledgers.stock {
        let taken = taken.get(&(item.tenant.as_str(), item.item.as_str())).copied();
        let expected = item.start - taken.unwrap_or_default();
        if item.left != expected || item.left < 0 {
            let subject = format!("{}/{}", item.tenant, item.item);
            let text = format!("{} units are left, expected {expected}", item.left);
            found.add(Invariant::I4, &subject, text);
        }
    }
    for answer in &index.answered_operations {
        let lines = answer.response.shown.iter().flat_map(|shown| &shown.lines);
        for line in lines.filter(|line| line.available.is_some_and(|left| left < 0)) {
            found.add(
                Invariant::I4,
                &line.item,
                format!("a response shows {:?} units as available", line.available),
            );
        }
    }
}
