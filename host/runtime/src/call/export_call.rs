//! How a guest is called: closures and futures that run on an instance of a phase.

use std::future::Future;
use std::pin::Pin;

use super::instance::Instance;
use crate::api::bindings::tillhouse::merchant::types::Failure;

/// Result that the plugin returned: a value, or the contract's `failure`.
pub(crate) type PluginResult<R> = Result<R, Failure>;

/// Future of a guest call. The outer error is wasmtime's (trap, limit), the inner one is the plugin's.
pub(crate) type CallFuture<'a, R> = Pin<Box<dyn Future<Output = wasmtime::Result<PluginResult<R>>> + Send + 'a>>;

/// Return the closure unchanged; only helps the compiler infer that the future borrows the instance.
pub(crate) fn call_with<R, F>(guest_call: F) -> F
where
    F: for<'a> FnOnce(&'a mut Instance) -> CallFuture<'a, R> + Send + 'static,
{
    guest_call
}

/// Call a function of an exported interface with arguments that the task owns.
macro_rules! call_export {
    ($interface:ident . $function:ident ( $($argument:ident),* )) => {
        $crate::call::export_call::call_with(move |instance| {
            Box::pin(async move {
                let (running, component) = instance.running().await?;
                let indices = component.exports.$interface.as_ref();
                let indices = indices.ok_or_else(|| wasmtime::format_err!("{} is not exported", stringify!($interface)))?;
                let guest = indices.load(&mut instance.store, &running)?;
                guest.$function(&mut instance.store $(, &$argument)*).await
            })
        })
    };
}
pub(crate) use call_export;
