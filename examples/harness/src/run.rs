//! Running one test.

use std::future::Future;

use tokio::runtime::{Builder, Runtime};

use crate::env::Env;
use crate::plugin::{Plugin, PluginUnderTest};

/// Run a test of a plugin: what [`test`](macro@crate::test) expands to.
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
/// When the test does, and when the plugin cannot be built.
pub fn run<T, F>(plugin: PluginUnderTest, test: impl FnOnce(Env) -> F) -> T
where
    F: Future<Output = T>,
{
    // Before the runtime: the other tests of the process wait here for the one that builds.
    let plugin = Plugin::of(plugin);
    runtime().block_on(async {
        let env = Env::of(plugin).await;
        let answer = Box::pin(test(env.clone())).await;
        env.close();
        answer
    })
}

/// A runtime for one test: its simulated upstreams end with it.
pub(crate) fn runtime() -> Runtime {
    let built = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    built.expect("threads for a test")
}
