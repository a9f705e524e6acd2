//! Bindings generated from `wit/`, for the world with all imports and all exports.
//!
//! A component may export any subset, so each interface is looked up separately (`GuestIndices`), never the world as a whole.
#![allow(
    unsafe_code,
    dead_code,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::indexing_slicing,
    clippy::doc_markdown,
    clippy::too_long_first_doc_paragraph,
    reason = "generated, documented in the WIT; its unsafe blocks rebuild typed functions that were type-checked on loading"
)]

/// Host type of the WIT resource `credential`. Empty, because the credential is in the state of the store.
///
/// A call has at most one credential, and it is dropped with the call.
pub struct CredentialHandle;

wasmtime::component::bindgen!({
    path: ["../../wit/host", "../../wit/merchant"],
    world: "tillhouse:merchant/merchant",
    imports: {
        // Async, because they wait for the store or for the network.
        "tillhouse:host/catalog": async | trappable,
        "tillhouse:host/kv": async | trappable,
        "tillhouse:host/counters": async | trappable,
        "tillhouse:host/egress": async | trappable,
        default: trappable,
    },
    exports: { default: async },
    // A trial has results as JSON and deserializes them into these types to check them.
    additional_derives: [serde::Deserialize],
    with: { "tillhouse:host/credentials.credential": CredentialHandle },
});
