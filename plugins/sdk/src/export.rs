//! The macro [`export!`](crate::export!), which declares the capabilities of a plugin.

use core::marker::PhantomData;

/// Implements the generated traits for a type that implements the SDK's traits.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// struct Shop;
/// impl Presentation for Shop {}
///
/// // The macro uses the adapter internally.
/// tillhouse_plugin::export!(Shop: presentation);
/// ```
#[derive(Debug)]
pub struct Adapter<T>(PhantomData<T>);

/// Export the capabilities that a type implements: `export!(Shop: pricing, inventory, tax);`.
///
/// Capabilities: `pricing`, `pricing_redemption`, `inventory`, `fulfillment`, `tax`, `risk`, `orders`, `orders_notices`,
/// `presentation`, `quoting`, `sessions`, `payments`, `payments_authentication`, `payments_void`, `payments_refund`,
/// `payments_capture`, `payments_cancel_by_reference`, `payments_list`, `payments_notices`, `lifecycle`.
///
/// Only wasm32 builds export the functions, because a native library with the contract's versioned symbol names does not link.
/// A native build checks that the traits are implemented; unit tests call the trait functions directly.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// struct Shop;
///
/// impl Presentation for Shop {}
///
/// impl Lifecycle for Shop {
///     fn describe() -> Info {
///         Info::new("shop", "1.0.0", "Shows pages.")
///     }
/// }
///
/// tillhouse_plugin::export!(Shop: presentation, lifecycle);
/// ```
#[macro_export]
macro_rules! export {
    ($plugin:ident: $($capability:ident),+ $(,)?) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            type Exported = $crate::export::Adapter<$plugin>;
            $($crate::export_capability!($capability Exported);)+
        };
        #[cfg(not(target_arch = "wasm32"))]
        const _: () = {
            type Exported = $crate::export::Adapter<$plugin>;
            $($crate::check_capability!($capability Exported);)+
        };
    };
}

/// Maps the names that [`export!`](crate::export!) takes to modules, macros and traits.
macro_rules! capabilities {
    ($d:tt $($name:ident $export:ident $interface:ident;)+) => {
        /// Export one capability. Used by [`export!`](crate::export!).
        #[doc(hidden)]
        #[macro_export]
        macro_rules! export_capability {
            $(($name $d plugin:ident) => {
                $crate::bindings::$name::$export!($d plugin with_types_in $crate::bindings::$name);
            };)+
        }

        /// Check that one capability is implemented. Used by [`export!`](crate::export!).
        #[doc(hidden)]
        #[macro_export]
        macro_rules! check_capability {
            $(($name $d plugin:ident) => {
                const _: fn() = || {
                    fn implemented<T: $crate::bindings::$name::exports::tillhouse::merchant::$interface::Guest>() {}
                    implemented::<$d plugin>();
                };
            };)+
        }
    };
}

capabilities! { $
    pricing export_pricing pricing;
    pricing_redemption export_pricing_redemption pricing_redemption;
    inventory export_inventory inventory;
    fulfillment export_fulfillment fulfillment;
    tax export_tax tax;
    risk export_risk risk;
    orders export_orders orders;
    orders_notices export_orders_notices orders_notices;
    presentation export_presentation presentation;
    quoting export_quoting quoting;
    sessions export_sessions sessions;
    payments export_payments payments;
    payments_authentication export_payments_authentication payments_authentication;
    payments_void export_payments_void payments_void;
    payments_refund export_payments_refund payments_refund;
    payments_capture export_payments_capture payments_capture;
    payments_cancel_by_reference export_payments_cancel_by_reference payments_cancel_by_reference;
    payments_list export_payments_list payments_list;
    payments_notices export_payments_notices payments_notices;
    lifecycle export_lifecycle lifecycle;
}
