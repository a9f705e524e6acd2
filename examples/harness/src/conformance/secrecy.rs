//! The rule about card data and secrets: a plugin must not pass on any of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tillhouse_plugin::orders::Event;
use tillhouse_plugin_protocol::look::ReadForms;
use tillhouse_plugin_protocol::{Capability, Function, Hidden};

use super::echo::{CANARY, STATUSES, Talkative, answer_with, backwards, forget};
use super::payments::charge;
use super::questions::{about, asked, items, one_of_each};
use super::{Judged, broken, no_matter};
use crate::card::{self, Card};
use crate::env::{Asked, Env, Said};
use crate::order::{money, operation};
use crate::program::Program;

pub(super) async fn stays_out(env: &Env) -> Judged {
    let manifest = &env.plugin().manifest;
    let has_secret = manifest.upstreams.iter().any(|upstream| !upstream.secrets.is_empty());
    if !has_secret && !env.exports(Capability::Payments) {
        return no_matter("the component does not export payments, and its manifest has no secret");
    }
    let mut watch = Watch::of(env);
    let cards = [card::visa(), card::network_token(), card::psp_token()];
    watch
        .over_all(env, &cards, "upstreams as they are scripted", None)
        .await?;
    let talkative = Talkative::of(env);
    let circumstances = "upstreams whose scripted answers also echo the request";
    watch.over_all(env, &cards, circumstances, Some(&talkative)).await?;
    forget(env);
    for status in STATUSES {
        answer_with(env, status);
        let circumstances = format!("upstreams that answer {status} and echo the request");
        watch.over_all(env, &[card::visa()], &circumstances, None).await?;
    }
    if watch.sent {
        Ok(())
    } else {
        no_matter("no call sent a request")
    }
}

/// A value that must not appear anywhere, in every form in which it would be found.
#[derive(Debug)]
struct Needle {
    called: String,
    /// Every form of the value that the host scrubs.
    forms: Vec<Hidden>,
    backwards: String,
}

impl Needle {
    fn new(called: String, value: &str) -> Self {
        let read = ReadForms {
            value: Hidden::from(value.to_owned()),
        };
        let known = Program::of_this_process().ask_now(&read);
        Self {
            called,
            forms: known.unwrap_or_else(|problem| panic!("{problem}")).forms,
            backwards: backwards(value),
        }
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        let mut forms = self.forms.iter();
        forms.any(|form| holds(bytes, form.reveal())) || holds(bytes, &self.backwards)
    }
}

/// Searches what a plugin returns, logs, sends and stores for the values that must not appear.
#[derive(Debug)]
struct Watch {
    needles: Vec<Needle>,
    /// Number of calls so far; each call is an operation of its own.
    calls: u32,
    sent: bool,
}

impl Watch {
    fn of(env: &Env) -> Self {
        let cards = [card::visa(), card::network_token(), card::psp_token()];
        let of_cards = cards.iter().flat_map(Card::telling);
        let mut needles: Vec<Needle> = of_cards
            .map(|(slot, value)| Needle::new(format!("the card's {slot}"), value))
            .collect();
        let secrets = env.told().1;
        needles.extend(
            secrets
                .iter()
                .map(|(name, value)| Needle::new(format!("the secret `{name}`"), value)),
        );
        Self {
            needles,
            calls: 0,
            sent: false,
        }
    }

    /// Makes every call that may send a request, and searches what it left.
    async fn over_all(
        &mut self,
        env: &Env,
        cards: &[Card],
        circumstances: &str,
        talkative: Option<&Talkative>,
    ) -> Judged {
        for mut asked in questions(env, cards) {
            self.calls += 1;
            renumber(&mut asked, self.calls);
            if let Some(talkative) = talkative {
                talkative.expect(env, &asked);
            }
            self.over(env, &asked, circumstances).await?;
        }
        Ok(())
    }

    async fn over(&mut self, env: &Env, asked: &Asked, circumstances: &str) -> Judged {
        let (lines, requests) = (env.logs().len(), env.requests().len());
        let said = env.ask(asked).await;
        self.sent |= env.requests().len() > requests;
        let name = asked.function.name();
        let answer = match &said {
            Said::Value(value) | Said::Failure(value) => value.to_string(),
            Said::Fault(fault) => fault.to_string(),
        };
        let mut places = vec![(format!("the answer of {name}"), answer.into_bytes())];
        for line in env.logs().into_iter().skip(lines) {
            places.push((format!("a log line of {name}"), line.text.into_bytes()));
        }
        for request in env.requests().into_iter().skip(requests) {
            places.push((format!("the path of a request of {name}"), request.path.into_bytes()));
        }
        places.extend(kept(env));
        let found = self.found(&places).into_iter().chain(env.saw_card_data());
        let found: BTreeSet<String> = found.collect();
        if !found.is_empty() {
            let found: Vec<String> = found.into_iter().collect();
            return broken(format!("{circumstances}: {}", found.join("; ")));
        }
        match said {
            Said::Fault(fault) => broken(format!("{circumstances}: {fault}")),
            _ => Ok(()),
        }
    }

    fn found(&self, places: &[(String, Vec<u8>)]) -> Vec<String> {
        let mut found = Vec::new();
        for (place, bytes) in places {
            let values = self.needles.iter().filter(|needle| needle.is_in(bytes));
            found.extend(values.map(|needle| format!("{} is in {place}", needle.called)));
            if holds(bytes, CANARY) {
                found.push(format!("the canary that the upstream returned is in {place}"));
            }
        }
        found
    }
}

fn holds(bytes: &[u8], word: &str) -> bool {
    !word.is_empty() && bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

/// Keys and values of the plugin's data, with the place where each is kept.
fn kept(env: &Env) -> Vec<(String, Vec<u8>)> {
    let mut kept = Vec::new();
    for (key, value) in env.kv() {
        kept.push(("kv".to_owned(), key.into_bytes()));
        kept.push(("kv".to_owned(), value));
    }
    let counters = env.counters().into_iter();
    kept.extend(counters.map(|(key, _)| ("the name of a counter".to_owned(), key.into_bytes())));
    kept
}

/// A call of each exported function that may send a request; `payments.charge` once for each card.
fn questions(env: &Env, cards: &[Card]) -> Vec<Asked> {
    let mut items = items(env);
    items.truncate(3);
    let cart = one_of_each(&items);
    let reservation = json!({"id": "", "lines": cart.lines, "expires": 4_102_444_800_000_u64});
    let (amount, charged) = (money(4_598, "USD"), "ch_1");
    let event = |kind: &str| Event {
        order: "order_1".to_owned(),
        kind: kind.to_owned(),
        total: amount.clone(),
        extensions: Vec::new(),
    };
    let mut questions = about(env, &cart);
    questions.extend(cards.iter().map(|card| charge(card.clone(), 1)));
    questions.extend([
        asked(Function::Reserve).with("reservation", &reservation),
        asked(Function::Release).with("reservation", &reservation),
        asked(Function::NotifyOrder).with("event", &event("created")),
        asked(Function::NotifyOrder).with("event", &event("canceled")),
        asked(Function::Lookup).with("amount", &amount),
        asked(Function::Void).with("processor_reference", &charged),
        asked(Function::Refund)
            .with("processor_reference", &charged)
            .with("amount", &amount),
        asked(Function::CancelByReference),
        asked(Function::ListCharges)
            .with("since", &0_u64)
            .with("until", &4_102_444_800_000_u64)
            .with("cursor", &Value::Null),
    ]);
    questions.retain(|asked| asked.function.egress() && env.exports(asked.function.capability()));
    questions
}

/// Gives the call an operation id that was not used before, so that no answer comes from stored data.
fn renumber(asked: &mut Asked, call: u32) {
    let id = format!("secrecy-{call}");
    if !matches!(asked.function, Function::Options | Function::AssessRisk) {
        *asked = asked.clone().with("op", &operation(&id));
    }
    if let Some(reservation) = asked.arguments.get_mut("reservation").and_then(Value::as_object_mut) {
        reservation.insert("id".to_owned(), id.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let watch = Watch {
            needles: vec![Needle::new("the card's number".to_owned(), "4242424242424242")],
            calls: 0,
            sent: false,
        };
        watch.found(&[("a log line".to_owned(), text.as_bytes().to_vec())])
    }

    #[test]
    fn a_number_is_found_in_every_form_that_the_host_scrubs_and_backwards() {
        for form in [
            "4242424242424242",
            "4242 4242 4242 4242",
            "4242-4242-4242-4242",
            "NDI0MjQyNDI0MjQyNDI0Mg==",
            "NDI0MjQyNDI0MjQyNDI0Mg",
            "2424242424242424",
        ] {
            assert_eq!(
                found(&format!("paid with {form}.")),
                ["the card's number is in a log line"],
                "{form}"
            );
        }
        assert_eq!(found("paid with the card that ends in 4242"), Vec::<String>::new());
    }

    #[test]
    fn what_an_upstream_made_of_the_card_is_found() {
        let found = found(&format!("paid with {CANARY}"));
        assert_eq!(found, ["the canary that the upstream returned is in a log line"]);
    }
}
