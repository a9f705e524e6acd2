//! Imports and exports, generated from `wit/` without the SDK.
#![allow(
    unsafe_code,
    unused_macros,
    unused_imports,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::allow_attributes_without_reason,
    clippy::too_long_first_doc_paragraph,
    reason = "generated: lifting and lowering across the component boundary"
)]

wit_bindgen::generate!({
    path: ["../../wit/host", "../../wit/merchant", "wit"],
    world: "tillhouse:bare/bare",
    generate_all,
});

#[cfg(target_arch = "wasm32")]
export!(Exports);

#[cfg(target_arch = "wasm32")]
use super::Bare as Exports;
