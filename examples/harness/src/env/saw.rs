//! What a plugin must never see, and whether it did.

use std::collections::{BTreeMap, BTreeSet};

use tillhouse::plugin::record::Record;

use super::{Env, Said};
use crate::card::Card;

/// Everything that a plugin showed of what it knows.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    /// What to look for in memory: value, and what it is called.
    secret: BTreeMap<String, String>,
    /// Further words of the test.
    words: BTreeSet<String>,
    /// Those found in the memory of the guest, with the function after which they were found.
    in_memory: Vec<(String, &'static str)>,
    /// Texts that the plugin wrote, and where.
    texts: Vec<(String, String)>,
}

impl Sightings {
    /// What the guest's memory is searched for after a call.
    pub(super) fn look_for(&mut self, card: Option<&Card>, secrets: &BTreeMap<String, String>) -> Vec<String> {
        for (slot, value) in card.into_iter().flat_map(Card::telling) {
            for form in forms(value) {
                self.secret.insert(form, format!("the card's {slot}"));
            }
        }
        for (name, value) in secrets {
            self.secret.insert(value.clone(), format!("the secret `{name}`"));
        }
        self.secret.keys().chain(&self.words).cloned().collect()
    }

    /// Take down what a call showed.
    pub(super) fn note(&mut self, function: &'static str, said: &Said, record: &Record) {
        self.in_memory
            .extend(record.remains.iter().map(|text| (text.clone(), function)));
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

    /// Where a word turned up, by what it is called.
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
    /// Fail where card data, or the value of a secret, was in the plugin's memory after a call, or is in what it logged,
    /// answered, kept, or named in a request's path.
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
    /// When it was.
    #[track_caller]
    pub fn assert_never_saw_card_data(&self) {
        let found = self.saw_card_data();
        assert!(
            found.is_empty(),
            "the plugin saw what it must not:\n  - {}",
            found.join("\n  - ")
        );
    }

    /// Search the plugin's memory for these words as well, after each call that follows.
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

    /// Fail where one of these words is in what the plugin logged, answered, kept, or named in a request's path; and, if it
    /// was [looked for](Env::look_for), in its memory.
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
    /// When it is.
    #[track_caller]
    pub fn assert_never_saw(&self, words: &[&str]) {
        let words = words
            .iter()
            .map(|word| ((*word).to_owned(), format!("`{word}`")))
            .collect();
        let found = self.state().sightings.found(&words, &self.kv());
        assert!(
            found.is_empty(),
            "the plugin saw what it must not:\n  - {}",
            found.join("\n  - ")
        );
    }

    /// What of card data and secrets was seen, and where.
    pub(crate) fn saw_card_data(&self) -> Vec<String> {
        let kept = self.kv();
        let state = self.state();
        state.sightings.found(&state.sightings.secret, &kept)
    }
}

/// A value and, where it is a number, the ways of writing it in groups.
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
    use serde_json::json;
    use tillhouse::plugin::record::LogLine;

    use super::*;
    use crate::card;

    fn sightings(said: &Said, record: &Record) -> Vec<String> {
        let mut sightings = Sightings::default();
        let looked_for = sightings.look_for(
            Some(&card::visa()),
            &[("api_key".to_owned(), "sk_1234".to_owned())].into(),
        );
        assert!(looked_for.contains(&"4242-4242-4242-4242".to_owned()), "{looked_for:?}");
        sightings.note("payments.charge", said, record);
        let words = sightings.secret.clone();
        sightings.found(&words, &[("card/4242424242424242".to_owned(), b"sk_1234".to_vec())])
    }

    #[test]
    fn card_data_is_found_wherever_it_was_left() {
        let record = Record {
            lines: vec![LogLine {
                level: "info",
                text: "paid with 4242 4242 4242 4242".into(),
            }],
            remains: vec!["4242424242424242".into()],
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
