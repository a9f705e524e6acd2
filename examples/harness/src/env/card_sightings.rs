//! Checks that a plugin never saw the data that it must not see.

use std::collections::{BTreeMap, BTreeSet};

use tillhouse_plugin_protocol::call::Record;

use super::{Env, FunctionCall, FunctionResult};
use crate::card::Card;

/// A byte that every memory contains, searched for as well: if it is not found, the memory was not searched.
const SEARCH_MARKER: &str = "\0";

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
    calls_with_card: u32,
    /// Calls after which the memory could not be searched.
    unsearched: BTreeSet<String>,
}

impl Sightings {
    /// The texts to search for in the guest's memory after a call.
    pub(super) fn texts_to_search(&mut self, card: Option<&Card>, secrets: &BTreeMap<String, String>) -> Vec<String> {
        for (slot, value) in card.into_iter().flat_map(Card::sensitive_values) {
            for form in forms(value) {
                self.secret.insert(form, format!("the card's {slot}"));
            }
        }
        for (name, value) in secrets {
            self.secret.insert(value.clone(), format!("the secret `{name}`"));
        }
        let mut looked_for: Vec<String> = self.secret.keys().chain(&self.words).cloned().collect();
        if !looked_for.is_empty() {
            looked_for.push(SEARCH_MARKER.to_owned());
        }
        looked_for
    }

    /// Records what a call showed.
    pub(super) fn record(&mut self, request: &FunctionCall, result: &FunctionResult, record: &Record) {
        let function = request.function.name();
        self.calls += 1;
        self.calls_with_card += u32::from(request.card.is_some());
        let searched = record.found_in_memory.iter().any(|text| text.reveal() == SEARCH_MARKER);
        // After a fault there is no instance to search. That matters only if the call had a card.
        if !searched && request.card.is_some() {
            self.unsearched.insert(match result {
                FunctionResult::Fault(fault) => format!("after {function}, which faulted ({})", fault.name),
                FunctionResult::Value(_) | FunctionResult::Failure(_) => format!("after {function}"),
            });
        }
        self.in_memory.extend(
            record
                .found_in_memory
                .iter()
                .map(|text| (text.reveal().to_owned(), function)),
        );
        let answer = match result {
            FunctionResult::Value(value) | FunctionResult::Failure(value) => value.to_string(),
            FunctionResult::Fault(fault) => fault.detail.clone(),
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
    fn found(&self, words: &BTreeMap<String, String>, stored: &[(String, Vec<u8>)]) -> Vec<String> {
        let mut found = BTreeSet::new();
        for (word, description) in words.iter().filter(|(word, _)| !word.is_empty()) {
            let after = self.in_memory.iter().filter(|(text, _)| text == word);
            found
                .extend(after.map(|(_, function)| format!("{description} is in the plugin's memory after {function}")));
            let written = self.texts.iter().filter(|(_, text)| text.contains(word));
            found.extend(written.map(|(place, _)| format!("{description} is in {place}")));
            let stored = stored
                .iter()
                .filter(|(key, value)| key.contains(word) || contains_bytes(value, word.as_bytes()));
            found.extend(stored.map(|(key, _)| format!("{description} is in kv `{}`", key.replace(word, "…"))));
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
            self.state().sightings.calls_with_card > 0,
            "no card was used in this test, so there is nothing to search for: make a charge first, as in \
             env.payments().charge(order(), card::visa()).await; purchases through env.shop() are not checked, because the host \
             does not record them (it fills in the card and scrubs the answer in the same way)"
        );
        let found = self.leaked_card_data();
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
    /// # Panics
    /// When a word is found, and when no function was called.
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
    pub(crate) fn leaked_card_data(&self) -> Vec<String> {
        let stored = self.kv();
        let state = self.state();
        let mut found = state.sightings.found(&state.sightings.secret, &stored);
        let unsearched = state.sightings.unsearched.iter();
        found.extend(unsearched.map(|call| format!("the plugin's memory could not be searched {call}")));
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

fn contains_bytes(bytes: &[u8], word: &[u8]) -> bool {
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

    fn sightings(result: &FunctionResult, record: &Record) -> Vec<String> {
        let mut sightings = Sightings::default();
        let looked_for = sightings.texts_to_search(
            Some(&card::visa()),
            &[("api_key".to_owned(), "sk_1234".to_owned())].into(),
        );
        assert!(looked_for.contains(&"4242-4242-4242-4242".to_owned()), "{looked_for:?}");
        sightings.record(&charge(), result, record);
        let words = sightings.secret.clone();
        sightings.found(&words, &[("card/4242424242424242".to_owned(), b"sk_1234".to_vec())])
    }

    fn charge() -> FunctionCall {
        FunctionCall {
            function: Function::Charge,
            arguments: Map::new(),
            card: Some(card::visa()),
        }
    }

    #[test]
    fn a_memory_that_was_not_searched_is_reported() {
        let mut sightings = Sightings::default();
        let looked_for = sightings.texts_to_search(Some(&card::visa()), &BTreeMap::new());
        let searched = Record {
            found_in_memory: looked_for
                .into_iter()
                .filter(|text| text == "\0")
                .map(Into::into)
                .collect(),
            ..Record::default()
        };
        sightings.record(&charge(), &FunctionResult::Value(json!({})), &searched);
        assert_eq!((sightings.calls_with_card, sightings.unsearched.len()), (1, 0));
        sightings.record(&charge(), &FunctionResult::Value(json!({})), &Record::default());
        let fault = FunctionResult::Fault(CallFault {
            function: "payments.charge".into(),
            name: "trap".into(),
            detail: String::new(),
        });
        sightings.record(&charge(), &fault, &Record::default());
        let unsearched: Vec<&str> = sightings.unsearched.iter().map(String::as_str).collect();
        assert_eq!(
            unsearched,
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
            found_in_memory: vec!["4242424242424242".to_owned().into()],
            ..Record::default()
        };
        let found = sightings(&FunctionResult::Value(json!({"echo": "sk_1234"})), &record);
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
