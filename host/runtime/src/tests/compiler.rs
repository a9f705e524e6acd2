//! Tests that a panic of the compiler is an error of one component and does not affect others.
//!
//! Without multi-memory the compiler of wasmtime 48.0.8 panics on every component that passes data between two memories, so
//! the panics here are real.

use std::sync::Arc;

use wasmtime::{Config, Engine};

use super::components::{EMPTY_ANSWER, pricing};
use super::composed::{Composed, composed};
use super::support::{host_of, install, quote, settings};
use crate::component::cache::{Code, Components};
use crate::component::linker;
use crate::component::package::{PackageError, Part};
use crate::engine;
use crate::guest::limits::MEMORIES;

fn failing() -> Code {
    without_a_pool(|config| _ = config.wasm_multi_memory(false))
}

fn without_a_pool(change: impl FnOnce(&mut Config)) -> Code {
    let mut config = engine::base(false);
    change(&mut config);
    let engine = Engine::new(&config).unwrap();
    let linker = linker::linker(&engine).unwrap();
    Code(Arc::new(Components::new(engine, linker, &settings())))
}

fn is_told(error: &PackageError) {
    let PackageError::Compiler(words) = error else {
        panic!("{error:?}")
    };
    assert!(words.contains("invalid adapter module generated"), "{words}");
    let told = error.to_string();
    assert!(
        told.contains("the WebAssembly compiler panicked on this component"),
        "{told}"
    );
    assert!(
        told.contains("report it with the file") && !told.contains("shutting down"),
        "{told}"
    );
}

#[tokio::test]
async fn it_is_told_as_what_it_is_and_others_are_served() {
    let plugins = host_of(failing(), &settings());
    install(&plugins, pricing(EMPTY_ANSWER)).await;
    for relays in 0..3 {
        let bytes = composed(&Composed {
            relays,
            ..Composed::default()
        });
        is_told(&plugins.load(bytes.clone()).await.map(|_| ()).unwrap_err());
        // Failures are not cached, and the compiler still works for other components.
        is_told(&plugins.load(bytes).await.map(|_| ()).unwrap_err());
        quote(&plugins).await.unwrap();
        plugins
            .load(pricing(&format!("(drop (i32.const {relays})) {EMPTY_ANSWER}")))
            .await
            .unwrap();
    }
}

#[test]
fn trying_a_component_out_tells_it_as_well() {
    let code = failing();
    is_told(&code.try_out(&composed(&Composed::default())).unwrap_err());
    code.try_out(&pricing(EMPTY_ANSWER)).unwrap();
}

#[tokio::test]
async fn waiting_for_the_same_component_several_are_told_the_same() {
    let plugins = host_of(failing(), &settings());
    let mut loads = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let plugins = plugins.clone();
        loads.spawn(async move { plugins.load(composed(&Composed::default())).await.map(|_| ()) });
    }
    for load in loads.join_all().await {
        is_told(&load.unwrap_err());
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
    let (what, found, limit) = (Part::Memory, most + 1, most);
    assert_eq!(error, PackageError::TooMany { what, found, limit });
    install(&plugins, composed(&parts(most - 2))).await;
    quote(&plugins).await.unwrap();
}
