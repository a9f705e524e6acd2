//! A call to the plugin, made when it is awaited.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tillhouse_plugin::types::{Failure, Operation};
use tillhouse_plugin_protocol::Function;

use crate::card::Card;
use crate::env::{Asked, Env, Said};
use crate::fault::CallFault;
use crate::order::operation;

/// A call to be made: `.await` it for its answer, or ask for its fault.
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
    asked: Asked,
    /// Chosen where the call is made, so that the types of the contract are read by code of this crate.
    read: fn(Value) -> T,
}

impl<'e, T: DeserializeOwned> Call<'e, T> {
    pub(crate) fn new(env: &'e Env, function: Function) -> Self {
        Self {
            env,
            asked: Asked {
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
        self.asked.arguments.insert(name.to_owned(), value);
        self
    }

    /// A function that acts takes an operation.
    pub(crate) fn acting(self) -> Self {
        self.with("op", &operation("test"))
    }

    pub(crate) fn paid_with(mut self, card: Card) -> Self {
        self.asked.card = Some(card);
        self
    }

    /// As this operation; without it, one of the id `test`. The same id is the same operation again.
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

    /// Make the call, which has to come to nothing.
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
    /// When the plugin has an answer.
    pub async fn fault(self) -> CallFault {
        faulted(self.env, self.asked).await
    }
}

impl<'e, T: 'e> IntoFuture for Call<'e, T> {
    type Output = Result<T, Failure>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'e>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { env, asked, read } = self;
        let answered = answered(env, asked);
        Box::pin(async move { answered.await.map(read) })
    }
}

type Later<'e, T> = Pin<Box<dyn Future<Output = T> + Send + 'e>>;

/// Boxed here and below, so that a call is compiled with this crate, and not once more for each of its types in each test.
fn answered(env: &Env, asked: Asked) -> Later<'_, Result<Value, Failure>> {
    Box::pin(async move {
        match env.ask(&asked).await {
            Said::Value(value) => Ok(value),
            Said::Failure(value) => Err(read(value)),
            Said::Fault(fault) => env.fail(&asked, &fault),
        }
    })
}

fn faulted(env: &Env, asked: Asked) -> Later<'_, CallFault> {
    Box::pin(async move {
        match env.ask(&asked).await {
            Said::Fault(fault) => fault,
            Said::Value(value) | Said::Failure(value) => {
                panic!("{} has an answer, and no fault: {value:#}", asked.function.name())
            }
        }
    })
}

/// The component's own types made this JSON, and the SDK's types are generated from the same contract.
fn read<T: DeserializeOwned>(value: Value) -> T {
    let text = value.to_string();
    serde_json::from_value(value).unwrap_or_else(|error| {
        panic!("the plugin answers in types that tillhouse-plugin does not have ({error}): {text}")
    })
}
