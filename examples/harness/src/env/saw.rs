//! What a plugin must never see, and whether it did.

use std::collections::{BTreeMap, BTreeSet};

use tillhouse_plugin_protocol::call::Record;

use super::{Asked, Env, Said};
use crate::card::Card;

/// Looked for with the rest: a byte that every memory has. Where even that was not found, nobody looked.
const EVERYWHERE: &str = "\0";

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
    /// How many calls were made, and how many of them with a card.
    calls: u32,
    charges: u32,
    /// Why the memory of a call could not be searched.
    unseen: BTreeSet<String>,
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
        let mut looked_for: Vec<String> = self.secret.keys().chain(&self.words).cloned().collect();
        if !looked_for.is_empty() {
            looked_for.push(EVERYWHERE.to_owned());
        }
        looked_for
    }

    /// Take down what a call showed.
    pub(super) fn note(&mut self, asked: &Asked, said: &Said, record: &Record) {
        let function = asked.function.name();
        self.calls += 1;
        self.charges += u32::from(asked.card.is_some());
        let searched = record.remains.iter().any(|text| text.reveal() == EVERYWHERE);
        // What comes to nothing leaves no instance to search. That matters where there was something to find.
        if !searched && asked.card.is_some() {
            self.unseen.insert(match said {
                Said::Fault(fault) => format!("after {function}, which came to nothing ({})", fault.name),
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
    /// answered, kept, or named in a request's path; and where no card was used that it could have seen.
    ///
    /// It looks at the calls that a test makes itself. A purchase through a [`shop`](Env::shop) is made by a host as it
    /// serves, which takes nothing down. There as here, what fills a card into a request and scrubs the answer is the host.
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
    /// When it was, when it could not be looked for, and when no call was given a card.
    #[track_caller]
    pub fn assert_never_saw_card_data(&self) {
        assert!(
            self.state().sightings.charges > 0,
            "no card was used in this test, and so none could be seen: make a charge first, as in \
             env.payments().charge(order(), card::visa()).await; a purchase through env.shop() is not looked at, as the host \
             takes nothing down while it serves (it fills in the card and scrubs the answer there as here)"
        );
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
    /// When it is, and when no function was called.
    #[track_caller]
    pub fn assert_never_saw(&self, words: &[&str]) {
        assert!(
            self.state().sightings.calls > 0,
            "no function of the plugin was called in this test, and so it saw nothing: make the call first; a purchase through \
             env.shop() is not looked at, as the host takes nothing down while it serves"
        );
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

    /// What of card data and secrets was seen, and where; and where it could not be looked for.
    pub(crate) fn saw_card_data(&self) -> Vec<String> {
        let kept = self.kv();
        let state = self.state();
        let mut found = state.sightings.found(&state.sightings.secret, &kept);
        let unseen = state.sightings.unseen.iter();
        found.extend(unseen.map(|call| format!("the plugin's memory could not be searched {call}")));
        found
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
            [
                "after payments.charge",
                "after payments.charge, which came to nothing (trap)"
            ]
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
