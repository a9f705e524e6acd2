//! Upstreams that send back to a plugin the values that the host filled into its request.
//!
//! The host scrubs every form of a value that it knows. A processor has further forms, which cannot be listed
//! completely: here they are the request read backwards, and a [`CANARY`] that stands for any value that a processor
//! derives from a card or a key. A plugin cannot avoid receiving them, but it must not pass them on.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::env::{Env, FunctionCall};
use crate::upstream::{Fallback, KnownValues, Received, Upstream, UpstreamAnswer};

/// Stands for a value that a processor derives from a card or a key. Letters, because the host's log masks numbers.
pub(super) const CANARY: &str = "sealed-by-the-processor-qwzjx";

/// Statuses with which a processor approves, accepts, declines, refuses and fails.
pub(super) const STATUSES: [u16; 6] = [200, 201, 202, 402, 422, 500];

pub(super) fn backwards(text: &str) -> String {
    text.chars().rev().collect()
}

/// Lets every upstream answer each request that is not scripted with 200 and all that it received.
pub(super) fn answer_everything(env: &Env) {
    answer_with(env, 200);
}

/// Like [`answer_everything`], with another status.
pub(super) fn answer_with(env: &Env, status: u16) {
    set_fallback_answer(
        env,
        &UpstreamAnswer::Computed(Arc::new(move |request| (status, echo(request)))),
    );
}

pub(super) fn set_fallback_answer(env: &Env, answer: &UpstreamAnswer) {
    for upstream in env.upstreams() {
        upstream.script().fallback = Fallback::Answer(answer.clone());
    }
}

/// Removes the expectations that the setup scripted.
pub(super) fn clear_expectations(env: &Env) {
    for upstream in env.upstreams() {
        upstream.script().expectations.clear();
    }
}

fn echo(request: &Received) -> Value {
    let headers: Vec<String> = request
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let text = request.text();
    let all = format!("{}\n{text}", headers.join("\n"));
    // In alphabetical order: a log line that is cut off still contains the canary.
    json!({"aside": CANARY, "echo": text, "headers": headers, "id": "echo_1", "path": request.path, "reversed": backwards(&all)})
}

/// The upstreams as the setup scripted them, each answer extended with an echo of its request.
#[derive(Debug)]
pub(super) struct EchoingUpstreams(Vec<Upstream>);

impl EchoingUpstreams {
    pub(super) fn of(env: &Env) -> Self {
        let behind = |upstream: &Upstream| {
            let scripted = Upstream::new("scripted");
            std::mem::swap(&mut scripted.script().expectations, &mut upstream.script().expectations);
            scripted.script().fallback =
                Fallback::Answer(UpstreamAnswer::Computed(Arc::new(|request| (200, echo(request)))));
            let answers = scripted.clone();
            let talks = move |request: &Received| echoing_answer(&answers, request);
            upstream.script().fallback = Fallback::Answer(UpstreamAnswer::Computed(Arc::new(talks)));
            scripted
        };
        Self(env.upstreams().map(behind).collect())
    }

    /// Sets the card and the secrets that are filled in for this call: expectations may match them.
    pub(super) fn expect(&self, env: &Env, call: &FunctionCall) {
        for scripted in &self.0 {
            scripted.script().known = KnownValues {
                card: call.card.clone(),
                secrets: env.config_and_secrets().1,
            };
        }
    }
}

/// The scripted answer; if it is an object, with the fields of an echo added where it has none of that name.
fn echoing_answer(scripted: &Upstream, request: &Received) -> (u16, Value) {
    let answer = scripted.script().answer("scripted", request.clone()).answer;
    let (status, body) = match answer {
        UpstreamAnswer::Json(status, body) => (status, body),
        UpstreamAnswer::Computed(compute) => compute(request),
        UpstreamAnswer::Text(status, text) => (status, json!({"text": text})),
        UpstreamAnswer::Fault(_) => (500, json!({})),
    };
    let Value::Object(mut fields) = body else {
        return (status, body);
    };
    if let Value::Object(echoed) = echo(request) {
        for (name, value) in echoed {
            fields.entry(name).or_insert(value);
        }
    }
    (status, Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::post;

    #[test]
    fn a_scripted_answer_keeps_its_status_and_fields_and_gains_an_echo() {
        let scripted = Upstream::new("scripted");
        let _ = scripted.expect(post("/charges")).reply(201, json!({"id": "ch_1"}));
        let (status, body) = echoing_answer(&scripted, &Received::new("POST", "/charges", r#"{"number":"4242"}"#));
        assert_eq!((status, &body["id"]), (201, &json!("ch_1")));
        assert_eq!(body["aside"], CANARY);
        assert!(
            body["reversed"]
                .as_str()
                .is_some_and(|text| text.starts_with("}\"2424\"")),
            "{body}"
        );
    }
}
