//! Tests that a panic of the compiler is an error of one component and does not affect others.
//!
//! Without multi-memory the compiler of wasmtime 48.0.8 panics on every component that passes data between two memories, so
//! the panics here are real.

use std::sync::Arc;

use wasmtime::{Config, Engine};

use super::components::{EMPTY_ANSWER, pricing};
use super::composed::{Composed, composed};
use super::support::{host_of, install, quote, settings};
use crate::component::cache::{ComponentCache, SharedEngine};
use crate::component::linker;
use crate::component::package::{ComponentPart, PackageError};
use crate::engine;
use crate::guest::limits::MEMORIES;

fn without_multi_memory() -> SharedEngine {
    without_a_pool(|config| _ = config.wasm_multi_memory(false))
}

fn without_a_pool(change: impl FnOnce(&mut Config)) -> SharedEngine {
    let mut config = engine::base(false);
    change(&mut config);
    let engine = Engine::new(&config).unwrap();
    let linker = linker::linker(&engine).unwrap();
    SharedEngine(Arc::new(ComponentCache::new(engine, linker, &settings()).unwrap()))
}

fn assert_compiler_panic(error: &PackageError) {
    let PackageError::Compiler(words) = error else {
        panic!("{error:?}")
    };
    assert!(words.contains("invalid adapter module generated"), "{words}");
    let message = error.to_string();
    assert!(
        message.contains("the WebAssembly compiler panicked on this component"),
        "{message}"
    );
    assert!(
        message.contains("report it with the file") && !message.contains("shutting down"),
        "{message}"
    );
}

#[tokio::test]
async fn a_compiler_panic_is_an_error_of_its_component_and_other_components_load() {
    let plugins = host_of(without_multi_memory(), &settings());
    install(&plugins, pricing(EMPTY_ANSWER)).await;
    for relays in 0..3 {
        let bytes = composed(&Composed {
            relays,
            ..Composed::default()
        });
        assert_compiler_panic(&plugins.load(bytes.clone()).await.map(|_| ()).unwrap_err());
        // Failures are not cached, and the compiler still works for other components.
        assert_compiler_panic(&plugins.load(bytes).await.map(|_| ()).unwrap_err());
        quote(&plugins).await.unwrap();
        plugins
            .load(pricing(&format!("(drop (i32.const {relays})) {EMPTY_ANSWER}")))
            .await
            .unwrap();
    }
}

#[test]
fn a_check_of_a_component_reports_a_compiler_panic_as_well() {
    let engine = without_multi_memory();
    assert_compiler_panic(&engine.check(&composed(&Composed::default())).unwrap_err());
    engine.check(&pricing(EMPTY_ANSWER)).unwrap();
}

#[tokio::test]
async fn concurrent_loads_of_one_component_get_the_same_error() {
    let plugins = host_of(without_multi_memory(), &settings());
    let mut loads = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let plugins = plugins.clone();
        loads.spawn(async move { plugins.load(composed(&Composed::default())).await.map(|_| ()) });
    }
    for load in loads.join_all().await {
        assert_compiler_panic(&load.unwrap_err());
    }
}

/// Without the address space for a pool, the limits of the pool still apply.
#[tokio::test]
async fn the_limits_of_what_is_composed_hold_without_a_pool() {
    let plugins = host_of(without_a_pool(|_| {}), &settings());
    let most = MEMORIES as usize;
    let parts = |relays| Composed {
        relays,
        ..Composed::default()
    };
    let error = plugins.load(composed(&parts(most - 1))).await.map(|_| ()).unwrap_err();
    let (what, found, limit) = (ComponentPart::Memory, most + 1, most);
    assert_eq!(error, PackageError::TooMany { what, found, limit });
    install(&plugins, composed(&parts(most - 2))).await;
    quote(&plugins).await.unwrap();
}
