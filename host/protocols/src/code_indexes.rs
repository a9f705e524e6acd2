//! Which of the discount codes that the agent sent a message is about, when a code was sent several times.

use tillhouse_checkout::decision::RejectedCode;
use tillhouse_checkout::message::{Message, Subject};
use tillhouse_checkout::session::Session;

/// Gives each mention of a code the index of an entry of its own, in the order of the cart's codes.
///
/// Discounts come first: of a code that is both applied and rejected, the first entry is the one that applies.
#[derive(Debug)]
pub(crate) struct CodeIndexes<'a> {
    /// Each code of the cart, and whether a discount or an earlier message has it.
    entries: Vec<(&'a str, bool)>,
}

impl<'a> CodeIndexes<'a> {
    /// The codes of a session, without those that apply.
    pub(crate) fn of(session: &'a Session) -> Self {
        let codes = session.cart.codes.iter();
        let mut indexes = Self {
            entries: codes.map(|code| (code.as_str(), false)).collect(),
        };
        let applied = session
            .quote
            .discounts
            .iter()
            .filter_map(|discount| discount.code.as_deref());
        let mut seen: Vec<&str> = Vec::new();
        for code in applied {
            // A code may stand for several discounts.
            if !seen.contains(&code) {
                seen.push(code);
                indexes.next(code);
            }
        }
        indexes
    }

    /// The index of the next entry with this code: written the same if there is one, else in other case. If there are more mentions
    /// of a code than entries, the last entry counts again; `None` if there is none.
    pub(crate) fn next(&mut self, code: &str) -> Option<usize> {
        let same = |written: &str| written == code;
        let alike = |written: &str| written.to_lowercase() == code.to_lowercase();
        let free = self.free(same).or_else(|| self.free(alike));
        if let Some((_, taken)) = free.and_then(|index| self.entries.get_mut(index)) {
            *taken = true;
        }
        free.or_else(|| self.entries.iter().rposition(|(written, _)| same(written)))
            .or_else(|| self.entries.iter().rposition(|(written, _)| alike(written)))
    }

    fn free(&self, is_it: impl Fn(&str) -> bool) -> Option<usize> {
        self.entries
            .iter()
            .position(|(written, taken)| !taken && is_it(written))
    }
}

/// The rejected codes that no message of the session reports, in their order. A message stands for one rejection of its code.
pub(crate) fn unreported_codes(session: &Session) -> Vec<&RejectedCode> {
    let about_code = |message: &'_ Message| match &message.about {
        Subject::Code(code) => Some(code.clone()),
        _ => None,
    };
    let mut reported: Vec<String> = session.messages().filter_map(about_code).collect();
    let rejected = session.quote.rejected_codes.iter();
    rejected
        .filter(
            |rejected| match reported.iter().position(|code| *code == rejected.code) {
                Some(index) => {
                    reported.swap_remove(index);
                    false
                }
                None => true,
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sessions;

    /// A session with these codes, of which `applied` apply and `rejected` are refused.
    fn session(codes: &[&str], applied: &[&str], rejected: &[&str]) -> Session {
        let mut session = sessions::full();
        session.cart.codes = codes.iter().map(|code| (*code).to_owned()).collect();
        let discount = session.quote.discounts[0].clone();
        let discounts = applied.iter().map(|code| {
            let mut discount = discount.clone();
            discount.code = Some((*code).to_owned());
            discount
        });
        session.quote.discounts = discounts.collect();
        let refused = rejected.iter().map(|code| RejectedCode {
            code: (*code).to_owned(),
            reason: "discount_code_invalid".into(),
            message: "No".into(),
        });
        session.quote.rejected_codes = refused.collect();
        session.quote.messages = Vec::new();
        session
    }

    #[test]
    fn each_refusal_has_an_entry_of_its_own() {
        for (codes, applied, rejected, expected) in [
            (
                &["THIRD", "THIRD", "THIRD"][..],
                &["THIRD"][..],
                &["THIRD", "THIRD"][..],
                &[1, 2][..],
            ),
            (&["NOPE", "NOPE"], &[], &["NOPE", "NOPE"], &[0, 1]),
            (&["A", "NOPE", "B", "nope"], &["A", "B"], &["NOPE", "nope"], &[1, 3]),
            (&["ten", "TEN", "Ten"], &["TEN"], &["ten", "Ten"], &[0, 2]),
            (&["ten", "TEN"], &["TEN"], &["TEN"], &[0]),
            (&["ten"], &[], &["TEN"], &[0]),
            (&["TEN", "OLD"], &["TEN", "TEN"], &["OLD"], &[1]),
            (&["A"], &[], &["A", "A"], &[0, 0]),
        ] {
            let session = session(codes, applied, rejected);
            let mut indexes = CodeIndexes::of(&session);
            let found: Vec<_> = rejected.iter().map(|code| indexes.next(code)).collect();
            let expected: Vec<_> = expected.iter().copied().map(Some).collect();
            assert_eq!(found, expected, "{codes:?} {rejected:?}");
        }
        assert_eq!(CodeIndexes::of(&session(&["A"], &[], &[])).next("B"), None);
    }

    #[test]
    fn a_message_stands_for_one_refusal() {
        let mut session = session(&["NOPE", "NOPE"], &[], &["NOPE", "NOPE"]);
        assert_eq!(unreported_codes(&session).len(), 2);
        for left in [1, 0, 0] {
            session
                .quote
                .messages
                .push(Message::info(Subject::Code("NOPE".into()), "No"));
            assert_eq!(unreported_codes(&session).len(), left);
        }
    }
}
