//! A call of a function of the plugin, made when it is awaited.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tillhouse_plugin::types::{Failure, Operation};
use tillhouse_plugin_protocol::Function;

use crate::card::Card;
use crate::env::{Env, FunctionCall, FunctionResult};
use crate::fault::CallFault;
use crate::order::operation;

/// A call that is not made yet: `.await` it for the answer, or call [`fault`](Call::fault) for the fault.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let priced = env.pricing().price(cart().line("tee", 2)).await.unwrap();
/// # let _ = priced;
/// let fault = env.pricing().price(cart().line("spin", 1)).fault().await;
/// assert_eq!(fault.name, "cpu-budget");
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a call is made when it is awaited"]
pub struct Call<'e, T> {
    env: &'e Env,
    request: FunctionCall,
    /// A function pointer set by `new`, so that this crate, not the test, compiles the reading of the contract's types.
    read: fn(Value) -> T,
}

impl<'e, T: DeserializeOwned> Call<'e, T> {
    pub(crate) fn new(env: &'e Env, function: Function) -> Self {
        Self {
            env,
            request: FunctionCall {
                function,
                arguments: Map::new(),
                card: None,
            },
            read: read::<T>,
        }
    }
}

impl<'e, T> Call<'e, T> {
    pub(crate) fn with(mut self, name: &str, value: &impl Serialize) -> Self {
        let value = serde_json::to_value(value).expect("an argument as JSON");
        self.request.arguments.insert(name.to_owned(), value);
        self
    }

    /// Adds an operation: functions with an effect take one.
    pub(crate) fn acting(self) -> Self {
        self.with("op", &operation("test"))
    }

    pub(crate) fn paid_with(mut self, card: Card) -> Self {
        self.request.card = Some(card);
        self
    }

    /// Makes the call as this operation; the default is one with the id `test`. A call with the same id is a retry.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let reserve = || env.inventory().reserve("r1", cart().line("print", 1)).operation(&operation("1"));
    /// assert_eq!(reserve().await.unwrap(), reserve().await.unwrap());
    /// # }
    /// ```
    pub fn operation(self, operation: &Operation) -> Self {
        self.with("op", operation)
    }

    /// Makes the call and expects it to end in a fault.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let fault = env.pricing().price(cart().line("a-trap", 1)).fault().await;
    /// assert_eq!(fault.name, "trap");
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the plugin answers.
    pub async fn fault(self) -> CallFault {
        faulted(self.env, self.request).await
    }
}

impl<'e, T: 'e> IntoFuture for Call<'e, T> {
    type Output = Result<T, Failure>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'e>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { env, request, read } = self;
        let answered = answered(env, request);
        Box::pin(async move { answered.await.map(read) })
    }
}

type Later<'e, T> = Pin<Box<dyn Future<Output = T> + Send + 'e>>;

/// Boxed here and below, so that calls are compiled with this crate, and not once for each of their types in each test.
fn answered(env: &Env, request: FunctionCall) -> Later<'_, Result<Value, Failure>> {
    Box::pin(async move {
        match env.make_call(&request).await {
            FunctionResult::Value(value) => Ok(value),
            FunctionResult::Failure(value) => Err(read(value)),
            FunctionResult::Fault(fault) => env.fail(&request, &fault),
        }
    })
}

fn faulted(env: &Env, request: FunctionCall) -> Later<'_, CallFault> {
    Box::pin(async move {
        match env.make_call(&request).await {
            FunctionResult::Fault(fault) => fault,
            FunctionResult::Value(value) | FunctionResult::Failure(value) => {
                panic!(
                    "{} was expected to fault, but answered {value:#}",
                    request.function.name()
                )
            }
        }
    })
}

/// Cannot fail as long as the SDK's types and the component's types are generated from the same contract.
fn read<T: DeserializeOwned>(value: Value) -> T {
    let text = value.to_string();
    serde_json::from_value(value)
        .unwrap_or_else(|error| panic!("the answer does not match the types of tillhouse-plugin ({error}): {text}"))
}
