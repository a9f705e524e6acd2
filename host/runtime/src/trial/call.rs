//! One call of a trial: converting the arguments, making the call, and converting and checking its result.

use std::time::{Duration, Instant};

use memchr::memmem;
use serde_json::{Map, Value, json};
use wasmtime::component::{ComponentExportIndex, Func, Type, Val};
use wasmtime::{Store, WasmCoreDump};

use super::answer::{Answer, MERCHANT};
use super::from_val::{Names, from_val};
use super::question::Question;
use super::signature::Signature;
use super::size::of_result;
use super::to_val::{Mismatch, fields_of};
use crate::api::contract;
use crate::api::function::Function;
use crate::call::ask::{Asked, asking};
use crate::call::instance::Instance;
use crate::guest::imports::credentials;
use crate::guest::state::State;
use tillhouse_checkout::ports::DecisionError;

/// A call that is ready to be made.
pub(super) struct Call {
    of: Function,
    function: ComponentExportIndex,
    /// `None` stands for the credential handle, which can only be created in the store of the call.
    arguments: Vec<Option<Val>>,
    may_fail: bool,
    key: String,
}

/// Result of a call, before it is checked against the limits.
pub(super) struct Spoken {
    pub(super) answer: Answer,
    /// Time from creating the instance to the result.
    pub(super) elapsed: Duration,
    /// Size of the result in bytes, as a host would count it.
    pub(super) bytes: usize,
    /// Error message if the result violates the contract.
    pub(super) broken: Option<String>,
}

impl Spoken {
    /// The result of a call that ended with a fault.
    pub(super) const fn nothing(fault: DecisionError, elapsed: Duration) -> Self {
        Self {
            answer: Answer::Fault(fault),
            elapsed,
            bytes: 0,
            broken: None,
        }
    }
}

impl Call {
    /// Convert the arguments to the types of the signature.
    pub(super) fn new(signature: &Signature, question: &Question) -> Result<Self, Mismatch> {
        let arguments = completed(signature, question);
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
            of: question.function,
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
    pub(super) fn asking(
        self,
        question: &Question,
    ) -> impl for<'a> FnOnce(&'a mut Instance) -> Asked<'a, Spoken> + Send + 'static {
        let (names, look_for) = (question.names, question.look_for.clone());
        asking(move |instance| Box::pin(async move { self.make(instance, names, &look_for).await.map(Ok) }))
    }

    async fn make(self, instance: &mut Instance, names: Names, look_for: &[String]) -> wasmtime::Result<Spoken> {
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
        instance.account();
        if let Err(trap) = &called {
            note_remains(instance, seen_in(&instance.store, trap, look_for));
        }
        called?;
        let answer = answer(results.first(), self.may_fail, names);
        let bytes = results.first().map_or(0, of_result);
        let broken = broken(self.of, results.first());
        if !look_for.is_empty() {
            let found = remains(&mut instance.store, function, &arguments, look_for).await;
            // The search set the fuel to 0; that must not count as used by the plugin.
            instance.refuel();
            note_remains(instance, found);
        }
        Ok(Spoken {
            answer,
            elapsed,
            bytes,
            broken,
        })
    }
}

fn answer(result: Option<&Val>, may_fail: bool, names: Names) -> Answer {
    let value = |val: &Option<Box<Val>>| val.as_ref().map_or(Value::Null, |val| from_val(val, names));
    match result {
        Some(Val::Result(Ok(ok))) if may_fail => Answer::Value(value(ok)),
        Some(Val::Result(Err(failure))) if may_fail => Answer::Failure(value(failure)),
        Some(other) => Answer::Value(from_val(other, names)),
        None => Answer::Value(Value::Null),
    }
}

/// The rule of the contract that a result violates; `None` if it is valid or there is no result.
fn broken(function: Function, result: Option<&Val>) -> Option<String> {
    let read = |val: &Val| from_val(val, Names::Rust);
    match result? {
        Val::Result(Ok(answer)) => contract::broken(function, Ok(&read(answer.as_deref()?))),
        Val::Result(Err(reason)) => contract::broken(function, Err(&read(reason.as_deref()?))),
        answer => contract::broken(function, Ok(&read(answer))),
    }
}

/// Search the guest's memory for texts, and return those that it contains. The instance is unusable afterwards.
///
/// It is called once more without fuel, so that it traps, and the core dump of the trap holds the memories.
async fn remains(store: &mut Store<State>, function: Func, arguments: &[Val], texts: &[String]) -> Vec<String> {
    if store.set_fuel(0).is_err() {
        return Vec::new();
    }
    let mut results = vec![Val::Bool(false); function.ty(&*store).results().len()];
    let Err(trap) = function.call_async(&mut *store, arguments, &mut results).await else {
        return Vec::new();
    };
    seen_in(store, &trap, texts)
}

/// Search the core dump of a trap for texts, and return those that it contains.
fn seen_in(store: &Store<State>, trap: &wasmtime::Error, texts: &[String]) -> Vec<String> {
    let memories = trap.downcast_ref::<WasmCoreDump>().map(WasmCoreDump::memories);
    let memories = memories.unwrap_or_default();
    let holds = |text: &&String| {
        let text = text.as_bytes();
        let mut memories = memories.iter().map(|memory| memory.data(&*store));
        !text.is_empty() && memories.any(|bytes| memmem::find(bytes, text).is_some())
    };
    texts.iter().filter(holds).cloned().collect()
}

fn note_remains(instance: &Instance, found: Vec<String>) {
    if let Some(recorder) = &instance.store.data().around.recorder {
        recorder.note(|record| record.remains = found);
    }
}

/// Add the arguments that a host would generate: `ctx` and `op`.
fn completed(signature: &Signature, question: &Question) -> Map<String, Value> {
    let takes = |name: &str| signature.parameters.iter().any(|(parameter, _)| parameter == name);
    let mut arguments = question.arguments.clone();
    if takes("ctx") {
        let context = json!({
            "merchant": MERCHANT, "session": question.session, "now": question.now.millis(),
            "currency": question.currency.upper(), "locale": question.locale,
        });
        lay_under(&mut arguments, "ctx", context);
    }
    if takes("op") {
        let operation = json!({
            "id": "op_trial", "attempt": 1, "idempotency_key": "key_trial", "reference": "ref_trial",
            "now": question.now.millis(),
        });
        lay_under(&mut arguments, "op", operation);
    }
    arguments
}

/// Merge generated fields into an argument. Fields that the caller gave take precedence.
fn lay_under(arguments: &mut Map<String, Value>, name: &str, made_up: Value) {
    match (arguments.get_mut(name), made_up) {
        (Some(Value::Object(given)), Value::Object(made_up)) => {
            for (key, value) in made_up {
                given.entry(key).or_insert(value);
            }
        }
        (None, made_up) => {
            arguments.insert(name.to_owned(), made_up);
        }
        // Not an object: the conversion to the parameter's type reports it.
        _ => {}
    }
}

fn idempotency_key(arguments: &Map<String, Value>) -> String {
    let key = arguments.get("op").and_then(|op| op.get("idempotency_key"));
    key.and_then(Value::as_str).unwrap_or_default().to_owned()
}
