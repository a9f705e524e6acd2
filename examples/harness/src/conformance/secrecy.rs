//! The rule about card data and secrets: a plugin must not pass on any of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tillhouse_plugin::orders::Event;
use tillhouse_plugin::sessions::End;
use tillhouse_plugin::testing;
use tillhouse_plugin_protocol::lookups::ReadRedactedForms;
use tillhouse_plugin_protocol::{Capability, Function, Sensitive};

use super::calls::{cart_calls, function_call, items, one_of_each};
use super::echo::{CANARY, EchoingUpstreams, STATUSES, answer_with, backwards, clear_expectations};
use super::payments::charge;
use super::{RuleResult, broken, does_not_apply};
use crate::card::{self, Card};
use crate::env::{Env, FunctionCall, FunctionResult};
use crate::order::{money, operation};
use crate::program::Program;

pub(super) async fn keeps_secrets(env: &Env) -> RuleResult {
    let manifest = &env.plugin().manifest;
    let has_secret = manifest.upstreams.iter().any(|upstream| !upstream.secrets.is_empty());
    if !has_secret && !env.exports(Capability::Payments) {
        return does_not_apply("the component does not export payments, and its manifest has no secret");
    }
    let mut search = LeakSearch::of(env);
    let cards = [card::visa(), card::network_token(), card::psp_token()];
    search
        .search_calls(env, &cards, "upstreams as they are scripted", None)
        .await?;
    let echoing = EchoingUpstreams::of(env);
    let situation = "upstreams whose scripted answers also echo the request";
    search.search_calls(env, &cards, situation, Some(&echoing)).await?;
    clear_expectations(env);
    for status in STATUSES {
        answer_with(env, status);
        let situation = format!("upstreams that answer {status} and echo the request");
        search.search_calls(env, &[card::visa()], &situation, None).await?;
    }
    if search.sent {
        Ok(())
    } else {
        does_not_apply("no call sent a request")
    }
}

/// A value that must not appear anywhere, in every form in which it would be found.
#[derive(Debug)]
struct SensitiveValue {
    description: String,
    /// Every form of the value that the host scrubs.
    forms: Vec<Sensitive>,
    backwards: String,
}

impl SensitiveValue {
    fn new(description: String, value: &str) -> Self {
        let read = ReadRedactedForms {
            value: Sensitive::from(value.to_owned()),
        };
        let known = Program::of_this_process().ask_now(&read);
        Self {
            description,
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
struct LeakSearch {
    values: Vec<SensitiveValue>,
    /// Number of calls so far; each call is an operation of its own.
    calls: u32,
    sent: bool,
}

impl LeakSearch {
    fn of(env: &Env) -> Self {
        let cards = [card::visa(), card::network_token(), card::psp_token()];
        let of_cards = cards.iter().flat_map(Card::sensitive_values);
        let mut values: Vec<SensitiveValue> = of_cards
            .map(|(slot, value)| SensitiveValue::new(format!("the card's {slot}"), value))
            .collect();
        let secrets = env.config_and_secrets().1;
        values.extend(
            secrets
                .iter()
                .map(|(name, value)| SensitiveValue::new(format!("the secret `{name}`"), value)),
        );
        Self {
            values,
            calls: 0,
            sent: false,
        }
    }

    /// Makes every call that may send a request, and searches what it left.
    async fn search_calls(
        &mut self,
        env: &Env,
        cards: &[Card],
        situation: &str,
        echoing: Option<&EchoingUpstreams>,
    ) -> RuleResult {
        for mut call in calls_with_requests(env, cards) {
            self.calls += 1;
            renumber(&mut call, self.calls);
            if let Some(echoing) = echoing {
                echoing.expect(env, &call);
            }
            self.search_call(env, &call, situation).await?;
        }
        Ok(())
    }

    async fn search_call(&mut self, env: &Env, call: &FunctionCall, situation: &str) -> RuleResult {
        let (lines, requests) = (env.logs().len(), env.requests().len());
        let result = env.make_call(call).await;
        self.sent |= env.requests().len() > requests;
        let name = call.function.name();
        let answer = match &result {
            FunctionResult::Value(value) | FunctionResult::Failure(value) => value.to_string(),
            FunctionResult::Fault(fault) => fault.to_string(),
        };
        let mut places = vec![(format!("the answer of {name}"), answer.into_bytes())];
        for line in env.logs().into_iter().skip(lines) {
            places.push((format!("a log line of {name}"), line.text.into_bytes()));
        }
        for request in env.requests().into_iter().skip(requests) {
            places.push((format!("the path of a request of {name}"), request.path.into_bytes()));
        }
        places.extend(stored_data(env));
        let found = self.found(&places).into_iter().chain(env.leaked_card_data());
        let found: BTreeSet<String> = found.collect();
        if !found.is_empty() {
            let found: Vec<String> = found.into_iter().collect();
            return broken(format!("{situation}: {}", found.join("; ")));
        }
        match result {
            FunctionResult::Fault(fault) => broken(format!("{situation}: {fault}")),
            _ => Ok(()),
        }
    }

    fn found(&self, places: &[(String, Vec<u8>)]) -> Vec<String> {
        let mut found = Vec::new();
        for (place, bytes) in places {
            let values = self.values.iter().filter(|value| value.is_in(bytes));
            found.extend(values.map(|value| format!("{} is in {place}", value.description)));
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

/// Keys and values of the plugin's data, with the place where each is stored.
fn stored_data(env: &Env) -> Vec<(String, Vec<u8>)> {
    let mut stored = Vec::new();
    for (key, value) in env.kv() {
        stored.push(("kv".to_owned(), key.into_bytes()));
        stored.push(("kv".to_owned(), value));
    }
    let counters = env.counters().into_iter();
    stored.extend(counters.map(|(key, _)| ("the name of a counter".to_owned(), key.into_bytes())));
    stored
}

/// A call of each exported function that may send a request; `payments.charge` once for each card.
fn calls_with_requests(env: &Env, cards: &[Card]) -> Vec<FunctionCall> {
    let mut items = items(env);
    items.truncate(3);
    let cart = one_of_each(&items);
    let reservation = json!({"id": "", "lines": cart.lines, "expires": 4_102_444_800_000_u64});
    let (amount, charged) = (money(4_598, "USD"), "ch_1");
    let event = |kind: &str| Event {
        kind: kind.to_owned(),
        ..testing::order_event(cart.clone(), amount.clone())
    };
    let of_charge = |function: Function| function_call(function).with("processor_reference", &charged);
    let of_amount = |function: Function| of_charge(function).with("amount", &amount);
    let mut calls = cart_calls(env, &cart);
    calls.extend(cards.iter().map(|card| charge(card.clone(), 1)));
    calls.extend([
        function_call(Function::Reserve).with("reservation", &reservation),
        function_call(Function::Release).with("reservation", &reservation),
        function_call(Function::NotifyOrder).with("event", &event("created")),
        function_call(Function::NotifyOrder).with("event", &event("canceled")),
        function_call(Function::SessionEnded).with("end", &End::new("canceled", cart.clone())),
        function_call(Function::Lookup).with("amount", &amount),
        function_call(Function::AuthenticationRequirements)
            .with("order", &testing::charge_order(amount.clone()))
            .with("card", &card::visa().display()),
        of_charge(Function::Void),
        of_charge(Function::LookupVoid),
        of_amount(Function::Refund).with("reason", &"It arrived broken."),
        of_amount(Function::LookupRefund),
        of_amount(Function::Capture),
        of_amount(Function::LookupCapture),
        function_call(Function::CancelByReference),
        function_call(Function::ListCharges)
            .with("since", &0_u64)
            .with("until", &4_102_444_800_000_u64)
            .with("cursor", &Value::Null),
    ]);
    calls.retain(|call| call.function.egress() && env.exports(call.function.capability()));
    calls
}

/// Gives the call an operation id that was not used before, so that no answer comes from stored data.
fn renumber(call: &mut FunctionCall, number: u32) {
    let id = format!("secrecy-{number}");
    if !matches!(call.function, Function::Options | Function::AssessRisk) {
        *call = call.clone().with("op", &operation(&id));
    }
    if let Some(reservation) = call.arguments.get_mut("reservation").and_then(Value::as_object_mut) {
        reservation.insert("id".to_owned(), id.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let search = LeakSearch {
            values: vec![SensitiveValue::new("the card's number".to_owned(), "4242424242424242")],
            calls: 0,
            sent: false,
        };
        search.found(&[("a log line".to_owned(), text.as_bytes().to_vec())])
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
    fn values_derived_from_the_card_are_found() {
        let found = found(&format!("paid with {CANARY}"));
        assert_eq!(found, ["the canary that the upstream returned is in a log line"]);
    }
}
