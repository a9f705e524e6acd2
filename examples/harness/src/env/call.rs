//! One call: made as a host makes it, and everything that it did recorded.

use serde_json::{Map, Value};
use tillhouse_plugin_protocol::call::{Call, CallAnswer, CallReport, CallRequest, CaseStyle, Record};
use tillhouse_plugin_protocol::{Function, RequestErrorKind, Sensitive};

use super::asker::agent_to_protocol;
use super::{Env, failure_message};
use crate::card::Card;
use crate::fault::CallFault;
use crate::upstream::KnownValues;
use crate::usage::Usage;

/// A call to make: function, arguments and card.
#[derive(Clone, Debug)]
pub(crate) struct FunctionCall {
    pub(crate) function: Function,
    pub(crate) arguments: Map<String, Value>,
    pub(crate) card: Option<Card>,
}

/// The result of a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FunctionResult {
    Value(Value),
    Failure(Value),
    Fault(CallFault),
}

impl Env {
    /// Makes a call, and fails the test on requests that it does not expect.
    pub(crate) async fn make_call(&self, request: &FunctionCall) -> FunctionResult {
        let _call = self.inner.call_lock.lock().await;
        if let Err(problems) = self.install_if_changed().await {
            panic!("{}", failure_message::config_rejected(&problems));
        }
        self.ready_upstreams(request.card.as_ref()).await;
        let call = Call {
            trial: self.inner.trial,
            request: self.to_protocol(request),
        };
        let tried = self.inner.program.ask(&call).await;
        let result = match tried {
            Ok(tried) => self.record_result(request, tried),
            Err(problem) if problem.kind == RequestErrorKind::Commit => FunctionResult::Fault(CallFault {
                function: request.function.name().to_owned(),
                name: "commit".to_owned(),
                detail: problem.message,
            }),
            Err(problem) => panic!("{problem}"),
        };
        self.fail_on_unexpected_requests();
        result
    }

    /// Fails the test on a fault that it does not expect.
    pub(crate) fn fail(&self, request: &FunctionCall, fault: &CallFault) -> ! {
        panic!(
            "{}",
            failure_message::call_failed(&self.inner.plugin, request, fault, &self.state())
        );
    }

    /// Fails on the first request that the test does not expect; others may be a consequence of it.
    pub(crate) fn fail_on_unexpected_requests(&self) {
        for upstream in self.upstreams() {
            let unexpected = std::mem::take(&mut upstream.script().unexpected);
            if let Some(message) = unexpected.first() {
                panic!("{message}");
            }
        }
    }

    fn to_protocol(&self, request: &FunctionCall) -> CallRequest {
        let it = self.state().settings.clone();
        let mut arguments = request.arguments.clone();
        if let Some(operation) = arguments.get_mut("op").and_then(Value::as_object_mut) {
            operation.insert("now".to_owned(), it.now_ms.into());
        }
        let look_for = self
            .state()
            .sightings
            .texts_to_search(request.card.as_ref(), &it.secrets);
        CallRequest {
            function: request.function,
            arguments,
            now_ms: it.now_ms,
            currency: it.currency,
            session: it.session,
            rng_seed: it.rng_seed,
            locale: it.locale,
            time_zone: it.time_zone,
            agent: agent_to_protocol(it.agent),
            credential: request.card.as_ref().map(Card::credential),
            case_style: CaseStyle::Rust,
            search_for: look_for.into_iter().map(Sensitive::from).collect(),
        }
    }

    /// Gives the servers the values that the host fills in, and opens or closes their ports by the script.
    pub(crate) async fn ready_upstreams(&self, card: Option<&Card>) {
        let secrets = self.state().settings.secrets.clone();
        for server in self.inner.servers.values() {
            server.upstream.script().expect_calls(KnownValues {
                card: card.cloned(),
                secrets: secrets.clone(),
            });
            server.sync_with_script().await;
        }
    }

    fn record_result(&self, request: &FunctionCall, tried: CallReport) -> FunctionResult {
        let function = request.function.name();
        let CallReport { answer, record, .. } = tried;
        let result = match answer {
            CallAnswer::Value(value) => FunctionResult::Value(value),
            CallAnswer::Failure(value) => FunctionResult::Failure(value),
            CallAnswer::Fault(fault) => FunctionResult::Fault(CallFault::of(fault, function)),
        };
        self.state().sightings.record(request, &result, &record);
        self.add_record(function, record);
        result
    }

    /// Adds what a call did to usage, log lines and requests of the test.
    pub(super) fn add_record(&self, function: &str, record: Record) {
        self.count_refused(&record);
        let mut state = self.state();
        state.last = Usage::new(function, &record);
        let last = state.last.clone();
        state.total.add(&last);
        state.lines.extend(record.lines);
        state.requests.extend(record.requests);
    }

    /// Counts requests to an upstream that is down from the host's record: the upstream does not see them.
    fn count_refused(&self, record: &Record) {
        for (name, server) in &self.inner.servers {
            let mut script = server.upstream.script();
            if !script.is_down() {
                continue;
            }
            // Part of them may have been answered before it went down.
            let arrived = script.received.len() - script.before;
            let sent = record.requests.iter().filter(|request| request.upstream == *name);
            for request in sent.skip(arrived).filter(|request| request.answer.is_err()) {
                script.count_refused(name, &request.method, &request.path);
            }
        }
    }
}
