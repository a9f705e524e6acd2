//! All variants of a group have the same attributes: the one rule between rows, beside that ids differ.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::report::Report;
use crate::columns::code;
use crate::problem::Fault;
use crate::rule::Rule;

/// Groups that are remembered, in some 5 MB. Of further ones the rule is not checked, so that memory is bounded.
const GROUPS: usize = 200_000;

const ATTRIBUTES: [(u8, &str); 8] = [
    (code::COLOR, "color"),
    (code::SIZE, "size"),
    (code::SIZE_SYSTEM, "size_system"),
    (code::GENDER, "gender"),
    (code::MATERIAL, "material"),
    (code::OPTION_NAME_1, "custom_variant_option_name_1"),
    (code::OPTION_NAME_2, "custom_variant_option_name_2"),
    (code::OPTION_NAME_3, "custom_variant_option_name_3"),
];

/// The attributes of each group, as its first row has them.
#[derive(Debug, Default)]
pub(super) struct Groups {
    hasher: RandomState,
    seen: HashMap<u64, u8>,
}

impl Groups {
    pub(super) fn check(&mut self, report: &mut Report<'_, '_>) {
        let group = report.get(code::ITEM_GROUP_ID);
        if group.is_empty() {
            return;
        }
        let has = |(bit, (code, _)): (usize, &(u8, &str))| u8::from(!report.get(*code).is_empty()) << bit;
        let attributes = ATTRIBUTES.iter().enumerate().map(has).fold(0, |set, bit| set | bit);
        let group = self.hasher.hash_one(group);
        if self.seen.len() >= GROUPS && !self.seen.contains_key(&group) {
            return;
        }
        let first = *self.seen.entry(group).or_insert(attributes);
        if first != attributes {
            let names = ATTRIBUTES
                .iter()
                .enumerate()
                .filter(|(bit, _)| (first ^ attributes) & (1 << bit) != 0);
            let names: Vec<&str> = names.map(|(_, (_, name))| *name).collect();
            let message = format!("is of a group whose first row differs in having {}", names.join(", "));
            let help = "give all variants of a group the same attributes";
            report.add_at(code::ITEM_GROUP_ID, Fault::new(Rule::GroupAttributes, message, help));
        }
    }
}
