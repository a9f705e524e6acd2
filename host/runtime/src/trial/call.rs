//! One call of a trial: converting the arguments, making the call, and converting and checking its result.

use std::time::{Duration, Instant};

use memchr::memmem;
use serde_json::{Map, Value, json};
use wasmtime::component::{ComponentExportIndex, Func, Type, Val};
use wasmtime::{Store, WasmCoreDump};

use super::answer::{MERCHANT, TrialAnswer};
use super::from_val::{CaseStyle, from_val};
use super::request::TrialRequest;
use super::signature::Signature;
use super::size::of_result;
use super::to_val::{ArgumentError, fields_of};
use crate::api::contract;
use crate::api::function::Function;
use crate::call::export_call::{CallFuture, call_with};
use crate::call::instance::Instance;
use crate::guest::imports::credentials;
use crate::guest::state::GuestState;
use tillhouse_checkout::ports::DecisionError;

/// A call that is ready to be made.
pub(super) struct TrialCall {
    of: Function,
    function: ComponentExportIndex,
    /// `None` stands for the credential handle, which can only be created in the store of the call.
    arguments: Vec<Option<Val>>,
    may_fail: bool,
    key: String,
}

/// Result of a call, before it is checked against the limits.
pub(super) struct UncheckedResult {
    pub(super) answer: TrialAnswer,
    /// Time from creating the instance to the result.
    pub(super) elapsed: Duration,
    /// Size of the result in bytes, as a host would count it.
    pub(super) bytes: usize,
    /// Error message if the result violates the contract.
    pub(super) violation: Option<String>,
}

impl UncheckedResult {
    /// The result of a call that ended with a fault.
    pub(super) const fn of_fault(fault: DecisionError, elapsed: Duration) -> Self {
        Self {
            answer: TrialAnswer::Fault(fault),
            elapsed,
            bytes: 0,
            violation: None,
        }
    }
}

impl TrialCall {
    /// Convert the arguments to the types of the signature.
    pub(super) fn new(signature: &Signature, request: &TrialRequest) -> Result<Self, ArgumentError> {
        let arguments = with_defaults(signature, request);
        let is_handle = |ty: &Type| matches!(ty, Type::Borrow(_));
        let fields: Vec<(&str, Type)> = signature
            .parameters
            .iter()
            .filter(|(_, ty)| !is_handle(ty))
            .map(|(name, ty)| (name.as_str(), ty.clone()))
            .collect();
        let mut values = fields_of("", &arguments, &fields)?.into_iter().map(|(_, value)| value);
        let of_call = signature.parameters.iter();
        Ok(Self {
            of: request.function,
            function: signature.function,
            arguments: of_call
                .map(|(_, ty)| if is_handle(ty) { None } else { values.next() })
                .collect(),
            may_fail: signature.may_fail,
            key: idempotency_key(&arguments),
        })
    }

    /// Idempotency key of the operation; empty if the function takes no operation.
    pub(super) fn idempotency_key(&self) -> String {
        self.key.clone()
    }

    /// The call as a closure for [`PluginPhase::run`](crate::call::phase::PluginPhase::run).
    pub(super) fn into_call(
        self,
        request: &TrialRequest,
    ) -> impl for<'a> FnOnce(&'a mut Instance) -> CallFuture<'a, UncheckedResult> + Send + 'static {
        let (case_style, search_for) = (request.case_style, request.search_for.clone());
        call_with(move |instance| Box::pin(async move { self.make(instance, case_style, &search_for).await.map(Ok) }))
    }

    async fn make(
        self,
        instance: &mut Instance,
        case_style: CaseStyle,
        search_for: &[String],
    ) -> wasmtime::Result<UncheckedResult> {
        let began = Instant::now();
        let (running, _) = instance.running().await?;
        let store = &mut instance.store;
        let function = running.get_func(&mut *store, self.function);
        let function = function.ok_or_else(|| wasmtime::format_err!("the export is not a function"))?;
        let mut arguments = Vec::with_capacity(self.arguments.len());
        for argument in self.arguments {
            arguments.push(match argument {
                Some(value) => value,
                None => Val::Resource(credentials::handle(&mut *store)?),
            });
        }
        let mut results = vec![Val::Bool(false); function.ty(&*store).results().len()];
        let called = function.call_async(&mut *store, &arguments, &mut results).await;
        let elapsed = began.elapsed();
        // Before returning a trap: a failed call counts its instructions as well.
        instance.record_usage();
        if let Err(trap) = &called {
            record_found(instance, search_core_dump(&instance.store, trap, search_for));
        }
        called?;
        let answer = answer(results.first(), self.may_fail, case_style);
        let bytes = results.first().map_or(0, of_result);
        let violation = violation(self.of, results.first());
        if !search_for.is_empty() {
            let found = search_memory(&mut instance.store, function, &arguments, search_for).await;
            // The search set the fuel to 0; that must not count as used by the plugin.
            instance.refuel();
            record_found(instance, found);
        }
        Ok(UncheckedResult {
            answer,
            elapsed,
            bytes,
            violation,
        })
    }
}

fn answer(result: Option<&Val>, may_fail: bool, case_style: CaseStyle) -> TrialAnswer {
    let value = |val: &Option<Box<Val>>| val.as_ref().map_or(Value::Null, |val| from_val(val, case_style));
    match result {
        Some(Val::Result(Ok(ok))) if may_fail => TrialAnswer::Value(value(ok)),
        Some(Val::Result(Err(failure))) if may_fail => TrialAnswer::Failure(value(failure)),
        Some(other) => TrialAnswer::Value(from_val(other, case_style)),
        None => TrialAnswer::Value(Value::Null),
    }
}

/// The rule of the contract that a result violates; `None` if it is valid or there is no result.
fn violation(function: Function, result: Option<&Val>) -> Option<String> {
    let read = |val: &Val| from_val(val, CaseStyle::Rust);
    match result? {
        Val::Result(Ok(answer)) => contract::violation(function, Ok(&read(answer.as_deref()?))),
        Val::Result(Err(reason)) => contract::violation(function, Err(&read(reason.as_deref()?))),
        answer => contract::violation(function, Ok(&read(answer))),
    }
}

/// Search the guest's memory for texts, and return those that it contains. The instance is unusable afterwards.
///
/// It is called once more without fuel, so that it traps, and the core dump of the trap holds the memories.
async fn search_memory(
    store: &mut Store<GuestState>,
    function: Func,
    arguments: &[Val],
    texts: &[String],
) -> Vec<String> {
    if store.set_fuel(0).is_err() {
        return Vec::new();
    }
    let mut results = vec![Val::Bool(false); function.ty(&*store).results().len()];
    let Err(trap) = function.call_async(&mut *store, arguments, &mut results).await else {
        return Vec::new();
    };
    search_core_dump(store, &trap, texts)
}

/// Search the core dump of a trap for texts, and return those that it contains.
fn search_core_dump(store: &Store<GuestState>, trap: &wasmtime::Error, texts: &[String]) -> Vec<String> {
    let memories = trap.downcast_ref::<WasmCoreDump>().map(WasmCoreDump::memories);
    let memories = memories.unwrap_or_default();
    let holds = |text: &&String| {
        let text = text.as_bytes();
        let mut memories = memories.iter().map(|memory| memory.data(&*store));
        !text.is_empty() && memories.any(|bytes| memmem::find(bytes, text).is_some())
    };
    texts.iter().filter(holds).cloned().collect()
}

fn record_found(instance: &Instance, found: Vec<String>) {
    if let Some(recorder) = &instance.store.data().host.recorder {
        recorder.update(|record| record.found_in_memory = found);
    }
}

/// Add the arguments that a host would generate: `ctx` and `op`.
fn with_defaults(signature: &Signature, request: &TrialRequest) -> Map<String, Value> {
    let takes = |name: &str| signature.parameters.iter().any(|(parameter, _)| parameter == name);
    let mut arguments = request.arguments.clone();
    if takes("ctx") {
        let context = json!({
            "merchant": MERCHANT, "session": request.session, "now": request.now.millis(),
            "currency": request.currency.upper(), "locale": request.locale, "time_zone": request.time_zone,
            "agent": {
                "name": request.agent.display_name, "profile": request.agent.network_profile,
                "proven": request.agent.proven, "principal": request.agent.principal,
            },
        });
        merge_defaults(&mut arguments, "ctx", context);
    }
    if takes("op") {
        let operation = json!({
            "id": "op_trial", "attempt": 1, "idempotency_key": "key_trial", "reference": "ref_trial",
            "now": request.now.millis(),
        });
        merge_defaults(&mut arguments, "op", operation);
    }
    arguments
}

/// Merge generated fields into an argument. Fields that the caller gave take precedence.
fn merge_defaults(arguments: &mut Map<String, Value>, name: &str, generated: Value) {
    match (arguments.get_mut(name), generated) {
        (Some(Value::Object(given)), Value::Object(generated)) => {
            for (key, value) in generated {
                given.entry(key).or_insert(value);
            }
        }
        (None, generated) => {
            arguments.insert(name.to_owned(), generated);
        }
        // Not an object: the conversion to the parameter's type reports it.
        _ => {}
    }
}

fn idempotency_key(arguments: &Map<String, Value>) -> String {
    let key = arguments.get("op").and_then(|op| op.get("idempotency_key"));
    key.and_then(Value::as_str).unwrap_or_default().to_owned()
}
