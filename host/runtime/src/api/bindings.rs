//! The bindings, generated from `wit/` for the world that has every import and every export.
//!
//! A component exports any subset: each interface is looked up by itself (`GuestIndices`), never the world as a whole.
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

/// What a plugin's `borrow<credential>` stands for on this side: nothing. The credential is in the state of the store, there is
/// at most one, and it goes with the call.
pub struct CredentialHandle;

wasmtime::component::bindgen!({
    path: ["../../wit/host", "../../wit/merchant"],
    world: "tillhouse:merchant/merchant",
    imports: {
        // These three wait: for the store, or for the network.
        "tillhouse:host/kv": async | trappable,
        "tillhouse:host/counters": async | trappable,
        "tillhouse:host/egress": async | trappable,
        default: trappable,
    },
    exports: { default: async },
    // Trials read the answers that they have as JSON into these types.
    additional_derives: [serde::Deserialize],
    with: { "tillhouse:host/credentials.credential": CredentialHandle },
});
