//! The host imports that exist, and the check of a component's imports by name.

use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use super::error::PackageError;
use crate::api::bindings::tillhouse;
use crate::api::interface::{TYPES_OF_MERCHANT, contract_version, is_supported, rebuild};
use crate::guest::imports::wasi;
use crate::guest::state::GuestState;

/// Interfaces that the linker provides beside [`TYPES_OF_MERCHANT`], without versions.
const KNOWN: [&str; 27] = [
    "tillhouse:host/catalog",
    "tillhouse:host/clock",
    "tillhouse:host/config",
    "tillhouse:host/counters",
    "tillhouse:host/credentials",
    "tillhouse:host/egress",
    "tillhouse:host/kv",
    "tillhouse:host/log",
    "tillhouse:host/types",
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

/// Version of WASI that the linker provides, up to the patch number.
const WASI_VERSION: &str = "0.2.";

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
    types_of_merchant(&mut linker)?;
    wasi::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// Provide the interfaces without functions: a component imports them by name as well.
fn types_of_merchant(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    use tillhouse::merchant as m;

    m::types::add_to_linker::<GuestState, HasSelf<GuestState>>(linker, |state| state)?;
    m::purchase::add_to_linker::<GuestState, HasSelf<GuestState>>(linker, |state| state)?;
    m::pricing_types::add_to_linker::<GuestState, HasSelf<GuestState>>(linker, |state| state)?;
    m::inventory_types::add_to_linker::<GuestState, HasSelf<GuestState>>(linker, |state| state)?;
    m::fulfillment_types::add_to_linker::<GuestState, HasSelf<GuestState>>(linker, |state| state)?;
    m::tax_types::add_to_linker::<GuestState, HasSelf<GuestState>>(linker, |state| state)?;
    m::presentation_types::add_to_linker::<GuestState, HasSelf<GuestState>>(linker, |state| state)?;
    m::orders_types::add_to_linker::<GuestState, HasSelf<GuestState>>(linker, |state| state)?;
    m::payments_types::add_to_linker::<GuestState, HasSelf<GuestState>>(linker, |state| state)
}

/// Reject an import that the host does not provide, with advice on how to fix it.
pub(crate) fn check_import(import: &str) -> Result<(), PackageError> {
    let (interface, version) = import.split_once('@').unwrap_or((import, ""));
    let known = KNOWN.contains(&interface) || TYPES_OF_MERCHANT.contains(&interface);
    let fits = if interface.starts_with("tillhouse:") {
        is_supported(version)
    } else {
        version.starts_with(WASI_VERSION)
    };
    if known && fits {
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
            concat!("this host supports version ", contract_version!(), "; ", rebuild!())
        } else {
            concat!("this host has no such interface; ", rebuild!())
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
