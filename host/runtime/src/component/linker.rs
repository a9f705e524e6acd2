//! The host imports that exist, and the check of a component's imports by name.

use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use super::error::PackageError;
use crate::api::bindings::tillhouse;
use crate::guest::imports::wasi;
use crate::guest::state::GuestState;

/// Interfaces that the linker provides, without versions.
const KNOWN: [&str; 28] = [
    "tillhouse:host/catalog",
    "tillhouse:host/clock",
    "tillhouse:host/config",
    "tillhouse:host/counters",
    "tillhouse:host/credentials",
    "tillhouse:host/egress",
    "tillhouse:host/kv",
    "tillhouse:host/log",
    "tillhouse:host/types",
    "tillhouse:merchant/types",
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/random",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
];

/// Create the linker for all components. One is enough, because the function being called decides what a call may use.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<GuestState>> {
    let mut linker = Linker::new(engine);
    tillhouse::host::log::add_to_linker::<GuestState, HasSelf<GuestState>>(&mut linker, |state| state)?;
    tillhouse::host::config::add_to_linker::<GuestState, HasSelf<GuestState>>(&mut linker, |state| state)?;
    tillhouse::host::kv::add_to_linker::<GuestState, HasSelf<GuestState>>(&mut linker, |state| state)?;
    tillhouse::host::counters::add_to_linker::<GuestState, HasSelf<GuestState>>(&mut linker, |state| state)?;
    tillhouse::host::catalog::add_to_linker::<GuestState, HasSelf<GuestState>>(&mut linker, |state| state)?;
    tillhouse::host::credentials::add_to_linker::<GuestState, HasSelf<GuestState>>(&mut linker, |state| state)?;
    tillhouse::host::egress::add_to_linker::<GuestState, HasSelf<GuestState>>(&mut linker, |state| state)?;
    tillhouse::host::clock::add_to_linker::<GuestState, HasSelf<GuestState>>(&mut linker, |state| state)?;
    tillhouse::host::types::add_to_linker::<GuestState, HasSelf<GuestState>>(&mut linker, |state| state)?;
    tillhouse::merchant::types::add_to_linker::<GuestState, HasSelf<GuestState>>(&mut linker, |state| state)?;
    wasi::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// Reject an import that the host does not provide, with advice on how to fix it.
pub(crate) fn check_import(import: &str) -> Result<(), PackageError> {
    let (interface, version) = import.split_once('@').unwrap_or((import, ""));
    let known = KNOWN.contains(&interface);
    let wanted = if interface.starts_with("tillhouse:") {
        "0.1."
    } else {
        "0.2."
    };
    if known && version.starts_with(wanted) {
        return Ok(());
    }
    Err(PackageError::UnknownImport {
        import: import.to_owned(),
        remedy: remedy(interface, known),
    })
}

fn remedy(interface: &str, known: bool) -> &'static str {
    if interface.starts_with("tillhouse:") {
        return if known {
            "this host supports version 0.1; rebuild the plugin with tillhouse-plugin 0.1"
        } else {
            "this host has no such interface; rebuild the plugin with tillhouse-plugin 0.1"
        };
    }
    match interface.split('/').next().unwrap_or_default() {
        "wasi:http" => "plugins have no HTTP client; use tillhouse:host/egress and name an upstream",
        "wasi:sockets" => "plugins have no sockets; use tillhouse:host/egress and name an upstream",
        "wasi:filesystem" => "plugins have no files; use tillhouse:host/catalog, config or kv",
        "wasi:keyvalue" => "use tillhouse:host/kv",
        "wasi:config" => "use tillhouse:host/config",
        "wasi:logging" => "use tillhouse:host/log",
        "wasi:cli" | "wasi:io" | "wasi:clocks" | "wasi:random" if known => {
            "this host supports WASI 0.2; build for wasm32-wasip2"
        }
        _ => "a plugin may import tillhouse:host only; remove the dependency that needs it",
    }
}
