//! Checks that a plugin never saw the data that it must not see.

use std::collections::{BTreeMap, BTreeSet};

use tillhouse_plugin_protocol::call::Record;

use super::{Asked, Env, Said};
use crate::card::Card;

/// A byte that every memory contains, searched for as well: if it is not found, the memory was not searched.
const EVERYWHERE: &str = "\0";

/// Everything that could show what a plugin saw.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    /// Values to search for in memory, with their descriptions.
    secret: BTreeMap<String, String>,
    /// Further words that the test asked to search for.
    words: BTreeSet<String>,
    /// Values found in the memory of the guest, with the function after which they were found.
    in_memory: Vec<(String, &'static str)>,
    /// Texts that the plugin wrote, with their places.
    texts: Vec<(String, String)>,
    /// Number of calls, and of those with a card.
    calls: u32,
    charges: u32,
    /// Calls after which the memory could not be searched.
    unseen: BTreeSet<String>,
}

impl Sightings {
    /// The texts to search for in the guest's memory after a call.
    pub(super) fn look_for(&mut self, card: Option<&Card>, secrets: &BTreeMap<String, String>) -> Vec<String> {
        for (slot, value) in card.into_iter().flat_map(Card::telling) {
            for form in forms(value) {
                self.secret.insert(form, format!("the card's {slot}"));
            }
        }
        for (name, value) in secrets {
            self.secret.insert(value.clone(), format!("the secret `{name}`"));
        }
        let mut looked_for: Vec<String> = self.secret.keys().chain(&self.words).cloned().collect();
        if !looked_for.is_empty() {
            looked_for.push(EVERYWHERE.to_owned());
        }
        looked_for
    }

    /// Records what a call showed.
    pub(super) fn note(&mut self, asked: &Asked, said: &Said, record: &Record) {
        let function = asked.function.name();
        self.calls += 1;
        self.charges += u32::from(asked.card.is_some());
        let searched = record.remains.iter().any(|text| text.reveal() == EVERYWHERE);
        // After a fault there is no instance to search. That matters only if the call had a card.
        if !searched && asked.card.is_some() {
            self.unseen.insert(match said {
                Said::Fault(fault) => format!("after {function}, which faulted ({})", fault.name),
                Said::Value(_) | Said::Failure(_) => format!("after {function}"),
            });
        }
        self.in_memory
            .extend(record.remains.iter().map(|text| (text.reveal().to_owned(), function)));
        let answer = match said {
            Said::Value(value) | Said::Failure(value) => value.to_string(),
            Said::Fault(fault) => fault.detail.clone(),
        };
        self.texts.push((format!("the answer of {function}"), answer));
        let lines = record
            .lines
            .iter()
            .map(|line| ("a log line".to_owned(), line.text.clone()));
        let paths = record
            .requests
            .iter()
            .map(|request| ("the path of a request".to_owned(), request.path.clone()));
        self.texts.extend(lines.chain(paths));
    }

    /// Places where a word was found, each with the description of the word.
    fn found(&self, words: &BTreeMap<String, String>, kept: &[(String, Vec<u8>)]) -> Vec<String> {
        let mut found = BTreeSet::new();
        for (word, called) in words.iter().filter(|(word, _)| !word.is_empty()) {
            let after = self.in_memory.iter().filter(|(text, _)| text == word);
            found.extend(after.map(|(_, function)| format!("{called} is in the plugin's memory after {function}")));
            let written = self.texts.iter().filter(|(_, text)| text.contains(word));
            found.extend(written.map(|(place, _)| format!("{called} is in {place}")));
            let kept = kept
                .iter()
                .filter(|(key, value)| key.contains(word) || holds(value, word.as_bytes()));
            found.extend(kept.map(|(key, _)| format!("{called} is in kv `{}`", key.replace(word, "…"))));
        }
        found.into_iter().collect()
    }
}

impl Env {
    /// Fails if the plugin's memory after a call, its logs, answers, stored data or request paths contain card data or
    /// the value of a secret, and if no call was given a card.
    ///
    /// It checks only calls that the test makes itself. A host that serves a purchase of a [`shop`](Env::shop) does not
    /// record memory and texts; in both cases the host fills the card into a request and scrubs the answer.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.payments().charge(order(), card::visa()).await.unwrap();
    /// env.assert_never_saw_card_data();
    /// # }
    /// ```
    ///
    /// # Panics
    /// When it finds any, when a memory could not be searched, and when no call was given a card.
    #[track_caller]
    pub fn assert_never_saw_card_data(&self) {
        assert!(
            self.state().sightings.charges > 0,
            "no card was used in this test, so there is nothing to search for: make a charge first, as in \
             env.payments().charge(order(), card::visa()).await; purchases through env.shop() are not checked, because the host \
             does not record them (it fills in the card and scrubs the answer in the same way)"
        );
        let found = self.saw_card_data();
        assert!(
            found.is_empty(),
            "the plugin saw data that it must not see:\n  - {}",
            found.join("\n  - ")
        );
    }

    /// Searches the plugin's memory for these words too, after each call that follows.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.look_for(&["jane@example.com"]);
    /// env.payments().charge(order().email("jane@example.com"), card::visa()).await.unwrap();
    /// env.assert_never_saw(&["jane@example.com"]);
    /// # }
    /// ```
    pub fn look_for(&self, words: &[&str]) -> &Self {
        self.state()
            .sightings
            .words
            .extend(words.iter().map(|word| (*word).to_owned()));
        self
    }

    /// Fails if the plugin's logs, answers, stored data or request paths contain one of these words, or its memory does
    /// and it was [searched for](Env::look_for).
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.secret("api_key", "sk_test_123456");
    /// env.payments().charge(order(), card::visa()).await.unwrap();
    /// env.assert_never_saw(&["sk_test_123456", "Bearer"]);
    /// # }
    /// ```
    ///
    /// When a word is found, and when no function was called.
    /// When it is, and when no function was called.
    #[track_caller]
    pub fn assert_never_saw(&self, words: &[&str]) {
        assert!(
            self.state().sightings.calls > 0,
            "no function of the plugin was called in this test, so there is nothing to search: make the call first; purchases through \
             env.shop() are not checked, because the host does not record them"
        );
        let words = words
            .iter()
            .map(|word| ((*word).to_owned(), format!("`{word}`")))
            .collect();
        let found = self.state().sightings.found(&words, &self.kv());
        assert!(
            found.is_empty(),
            "the plugin saw data that it must not see:\n  - {}",
            found.join("\n  - ")
        );
    }

    /// Card data and secrets that were seen, with their places, and memories that could not be searched.
    pub(crate) fn saw_card_data(&self) -> Vec<String> {
        let kept = self.kv();
        let state = self.state();
        let mut found = state.sightings.found(&state.sightings.secret, &kept);
        let unseen = state.sightings.unseen.iter();
        found.extend(unseen.map(|call| format!("the plugin's memory could not be searched {call}")));
        found
    }
}

/// The value; for a number, also in groups of four.
fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned()];
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        let groups: Vec<&str> = (0..value.len())
            .step_by(4)
            .filter_map(|at| value.get(at..value.len().min(at + 4)))
            .collect();
        forms.extend([groups.join(" "), groups.join("-")]);
    }
    forms
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len().max(1)).any(|window| window == word)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};
    use tillhouse_plugin_protocol::Function;
    use tillhouse_plugin_protocol::call::LogLine;

    use super::*;
    use crate::card;
    use crate::fault::CallFault;

    fn sightings(said: &Said, record: &Record) -> Vec<String> {
        let mut sightings = Sightings::default();
        let looked_for = sightings.look_for(
            Some(&card::visa()),
            &[("api_key".to_owned(), "sk_1234".to_owned())].into(),
        );
        assert!(looked_for.contains(&"4242-4242-4242-4242".to_owned()), "{looked_for:?}");
        sightings.note(&charge(), said, record);
        let words = sightings.secret.clone();
        sightings.found(&words, &[("card/4242424242424242".to_owned(), b"sk_1234".to_vec())])
    }

    fn charge() -> Asked {
        Asked {
            function: Function::Charge,
            arguments: Map::new(),
            card: Some(card::visa()),
        }
    }

    #[test]
    fn a_memory_that_was_not_searched_is_told() {
        let mut sightings = Sightings::default();
        let looked_for = sightings.look_for(Some(&card::visa()), &BTreeMap::new());
        let searched = Record {
            remains: looked_for
                .into_iter()
                .filter(|text| text == "\0")
                .map(Into::into)
                .collect(),
            ..Record::default()
        };
        sightings.note(&charge(), &Said::Value(json!({})), &searched);
        assert_eq!((sightings.charges, sightings.unseen.len()), (1, 0));
        sightings.note(&charge(), &Said::Value(json!({})), &Record::default());
        let fault = Said::Fault(CallFault {
            function: "payments.charge".into(),
            name: "trap".into(),
            detail: String::new(),
        });
        sightings.note(&charge(), &fault, &Record::default());
        let unseen: Vec<&str> = sightings.unseen.iter().map(String::as_str).collect();
        assert_eq!(
            unseen,
            ["after payments.charge", "after payments.charge, which faulted (trap)"]
        );
    }

    #[test]
    fn card_data_is_found_wherever_it_was_left() {
        let record = Record {
            lines: vec![LogLine {
                level: "info".into(),
                text: "paid with 4242 4242 4242 4242".into(),
            }],
            remains: vec!["4242424242424242".to_owned().into()],
            ..Record::default()
        };
        let found = sightings(&Said::Value(json!({"echo": "sk_1234"})), &record);
        assert_eq!(
            found,
            [
                "the card's number is in a log line",
                "the card's number is in kv `card/…`",
                "the card's number is in the plugin's memory after payments.charge",
                "the secret `api_key` is in kv `card/4242424242424242`",
                "the secret `api_key` is in the answer of payments.charge",
            ]
        );
    }
}
