//! Tests of the imports that each function may use.

mod requests;

use std::sync::Arc;

use crate::Binding;
use crate::api::bindings::tillhouse::host::{counters, egress, kv};
use crate::api::function::Function;
use crate::guest::call_state::{CallState, Traffic};
use crate::guest::cpu_time::ThreadCpuClock;
use crate::guest::host_context::HostContext;
use crate::guest::limits::{CallLimits, Limits};
use crate::guest::output::Level;
use crate::guest::quota::DataQuota;
use crate::guest::record::{MAX_DENIED, Recorder};
use crate::guest::staging::Staging;
use crate::guest::state::GuestState;
use crate::tests::components::{EMPTY_ANSWER, pricing};
use crate::tests::support::{self, MemoryStore};
use tillhouse_checkout::ids::PluginId;
use tillhouse_egress::{Client, Upstream};

async fn state(function: Function) -> GuestState {
    recorded(function, None).await
}

async fn recorded(function: Function, recorder: Option<Recorder>) -> GuestState {
    granted(function, recorder, None).await
}

/// The state of a call whose plugin may send requests to this upstream.
async fn granted(function: Function, recorder: Option<Recorder>, upstream: Option<Upstream>) -> GuestState {
    let plugins = support::host();
    let component = plugins.load(pricing(EMPTY_ANSWER)).await.unwrap();
    let scope = support::scope("acme");
    let mut binding = Binding::new(PluginId::new("shop"), "1.0.0", component);
    binding.upstreams = upstream.into_iter().map(|one| (one.name().to_owned(), one)).collect();
    let host = HostContext {
        merchant: scope.merchant,
        grants: Arc::new(binding),
        catalog: support::empty_catalog(),
        client: Client::new().unwrap(),
        now: scope.now,
        cpu_clock: Arc::new(ThreadCpuClock),
        seed: 1,
        metered: false,
        recorder,
    };
    let mut state = GuestState::new(host, function, CallLimits::effect());
    state.call_state = Some(CallState {
        staging: Staging::new(Arc::new(MemoryStore::default()), DataQuota::new(Limits::default().data)),
        traffic: Traffic::default(),
        credential: None,
        charge: None,
    });
    state
}

fn request() -> egress::Request {
    egress::Request {
        upstream: "psp".into(),
        method: "GET".into(),
        path: "/".into(),
        query: vec![],
        headers: vec![],
        body: egress::Body::Empty,
        timeout_ms: None,
    }
}

async fn send(state: &mut GuestState) -> egress::Error {
    refused(state, request()).await
}

async fn refused(state: &mut GuestState, request: egress::Request) -> egress::Error {
    egress::Host::send(state, request, None).await.unwrap().unwrap_err()
}

#[tokio::test]
async fn pricing_may_not_use_the_network() {
    let mut state = state(Function::Price).await;
    let error = send(&mut state).await;
    assert_eq!((error.code.as_str(), error.sent), ("denied", false));
    assert!(
        error.message.contains("egress.send") && error.message.contains("pricing.price"),
        "{}",
        error.message
    );
    assert!(!state.call_state.unwrap().traffic.used);
}

#[tokio::test]
async fn a_request_that_is_denied_is_recorded_apart_from_those_that_are_sent() {
    let recorder = Recorder::default();
    let mut state = recorded(Function::Price, Some(recorder.clone())).await;
    for _ in 0..=MAX_DENIED {
        let _ = send(&mut state).await;
    }
    let record = recorder.take();
    assert_eq!((record.requests.len(), record.denied.len()), (0, MAX_DENIED));
    let denied = &record.denied[0];
    assert_eq!(
        (denied.upstream.as_str(), denied.method.as_str(), denied.path.as_str()),
        ("psp", "GET", "/")
    );
    assert!(
        denied.answer.as_ref().unwrap_err().contains("pricing.price"),
        "{denied:?}"
    );
}

#[tokio::test]
async fn an_upstream_that_is_not_granted_is_denied_with_a_remedy() {
    let error = send(&mut state(Function::Options).await).await;
    assert_eq!(error.code, "denied");
    assert!(error.message.contains("upstream psp"), "{}", error.message);
}

#[tokio::test]
async fn requests_of_a_phase_are_counted() {
    let mut state = state(Function::Options).await;
    for _ in 0..5 {
        send(&mut state).await;
    }
    assert!(send(&mut state).await.message.contains("over 5 requests"));
}

#[tokio::test]
async fn pricing_reads_plugin_data_and_does_not_write_it() {
    let mut state = state(Function::Price).await;
    assert!(kv::Host::get(&mut state, "k".into()).await.unwrap().unwrap().is_none());
    let set = kv::Host::set(&mut state, "k".into(), vec![1], kv::Expectation::Any)
        .await
        .unwrap();
    assert!(matches!(set, Err(kv::Error::Denied(why)) if why.contains("pricing.price")));
    let add = counters::Host::add(&mut state, "k".into(), 1, None).await.unwrap();
    assert!(matches!(add, Err(counters::Error::Denied(_))));
    assert_eq!(counters::Host::peek(&mut state, "k".into()).await.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn tax_and_payments_have_no_plugin_data() {
    for function in [
        Function::AssessTax,
        Function::Charge,
        Function::Lookup,
        Function::Profile,
    ] {
        let mut state = state(function).await;
        let get = kv::Host::get(&mut state, "k".into()).await.unwrap();
        assert!(matches!(get, Err(kv::Error::Denied(_))), "{function:?}");
        let peek = counters::Host::peek(&mut state, "k".into()).await.unwrap();
        assert!(matches!(peek, Err(counters::Error::Denied(_))), "{function:?}");
    }
}

#[tokio::test]
async fn a_reservation_stages_writes() {
    let mut state = state(Function::Reserve).await;
    counters::Host::add(&mut state, "sold/a".into(), 2, None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(state.call_state.unwrap().staging.finish().writes.len(), 1);
}

#[tokio::test]
async fn the_message_of_a_panic_is_kept_whatever_was_printed_before_it() {
    let mut state = state(Function::Price).await;
    let panic = b"\nthread '<unnamed>' (1) panicked at src/lib.rs:16:35:\nno price for tee\n";
    state.call.output.stream(true, &[b'x'; 9_000]);
    state.call.output.stream(true, panic);
    let kept = state.call.output.stderr();
    assert!(
        kept.ends_with("panicked at src/lib.rs:16:35: no price for tee"),
        "{kept}"
    );
}

#[tokio::test]
async fn log_lines_over_the_limit_are_counted_in_the_record() {
    let recorder = Recorder::default();
    let mut state = recorded(Function::Price, Some(recorder.clone())).await;
    let limit = CallLimits::effect().log_lines;
    for _ in 0..limit + 3 {
        state.call.output.line(Level::Info, "a line", []);
    }
    let record = recorder.take();
    assert_eq!((record.lines.len(), record.lines_dropped), (limit, 3));
}
