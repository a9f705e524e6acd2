//! Runs one test of a plugin.

use std::future::Future;
use std::pin::Pin;

use tokio::runtime::{Builder, Runtime};

use crate::env::Env;
use crate::plugin::{Plugin, PluginUnderTest};

/// Runs a test of a plugin: what [`test`](macro@crate::test) expands to.
///
/// ```no_run
/// use tillhouse_harness::prelude::*;
///
/// tillhouse_harness::run(tillhouse_harness::this_plugin!(), |env: Env| async move {
///     env.pricing().price(cart().line("tee", 2)).await.unwrap();
/// });
/// ```
///
/// # Panics
/// When the test panics, and when the plugin cannot be built.
pub fn run<T, F>(plugin: PluginUnderTest, test: impl FnOnce(Env) -> F) -> T
where
    F: Future<Output = T>,
{
    let mut answer = None;
    let slot = &mut answer;
    run_boxed(
        plugin,
        Box::new(move |env| {
            let test = test(env);
            Box::pin(async move { *slot = Some(test.await) })
        }),
    );
    answer.expect("a test that has ended")
}

type Test<'t> = Box<dyn FnOnce(Env) -> Running<'t> + 't>;
type Running<'t> = Pin<Box<dyn Future<Output = ()> + 't>>;

/// Not generic over the test, so that the runtime is compiled once, with this crate, and not in each test.
fn run_boxed(plugin: PluginUnderTest, test: Test<'_>) {
    // Before the runtime starts: tests of the process that need the same build wait here.
    let plugin = Plugin::of(plugin);
    runtime().block_on(async {
        let env = Env::of(plugin).await;
        test(env.clone()).await;
        env.close();
    });
}

/// A runtime for one test; its simulated upstreams end with it.
pub(crate) fn runtime() -> Runtime {
    let built = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    built.expect("threads for a test")
}
