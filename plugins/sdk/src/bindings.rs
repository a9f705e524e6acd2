//! Generated from `wit/`: the imports and shared types, and the exports of each capability.
//!
//! Plugin code uses the modules at the root of the crate; this one is public because [`export!`](crate::export!) expands
//! to paths into it.
#![allow(
    unsafe_code,
    reason = "generated: lifting and lowering across the component boundary"
)]
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "generated")]
#![allow(clippy::all, clippy::doc_markdown, clippy::indexing_slicing, reason = "generated")]
#![allow(
    clippy::allow_attributes_without_reason,
    clippy::uninlined_format_args,
    clippy::panic,
    reason = "generated"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_long_first_doc_paragraph,
    reason = "generated"
)]

/// Runs the generator without serde derives. `additional_derives` accepts literals only, so there is one macro per feature.
#[cfg(not(feature = "serde"))]
macro_rules! generate {
    ($($option:tt)*) => {
        wit_bindgen::generate!({ $($option)* additional_derives: [PartialEq], });
    };
}

/// Runs the generator with serde derives.
#[cfg(feature = "serde")]
macro_rules! generate {
    ($($option:tt)*) => {
        wit_bindgen::generate!({ $($option)* additional_derives: [PartialEq, serde::Serialize, serde::Deserialize], });
    };
}

generate! {
    path: ["../../wit/host", "../../wit/merchant", "wit"],
    world: "tillhouse:sdk/plugin",
    generate_all,
}

/// Generates the exports of one capability. The types that it shares with others are mapped to those generated above; each is
/// named, because wit-bindgen rejects unused mappings.
macro_rules! capability {
    ($module:ident $world:literal $export:literal) => {
        capability!(@generate $module $world $export {});
    };
    ($module:ident $world:literal $export:literal [types $($shared:ident)*]) => {
        capability!(@map $module $world $export [$($shared)*] {
            "tillhouse:host/types@0.2.0": crate::bindings::tillhouse::host::types,
            "tillhouse:merchant/types@0.2.0": crate::bindings::tillhouse::merchant::types,
        });
    };
    (@map $module:ident $world:literal $export:literal [] $with:tt) => {
        capability!(@generate $module $world $export $with);
    };
    (@map $module:ident $world:literal $export:literal [credentials $($shared:ident)*] { $($with:tt)* }) => {
        capability!(@map $module $world $export [$($shared)*] { $($with)*
            "tillhouse:host/credentials@0.2.0": crate::bindings::tillhouse::host::credentials,
        });
    };
    (@map $module:ident $world:literal $export:literal [purchase $($shared:ident)*] { $($with:tt)* }) => {
        capability!(@map $module $world $export [$($shared)*] { $($with)*
            "tillhouse:merchant/purchase@0.2.0": crate::bindings::tillhouse::merchant::purchase,
        });
    };
    (@map $module:ident $world:literal $export:literal [pricing_types $($shared:ident)*] { $($with:tt)* }) => {
        capability!(@map $module $world $export [$($shared)*] { $($with)*
            "tillhouse:merchant/pricing-types@0.2.0": crate::bindings::tillhouse::merchant::pricing_types,
        });
    };
    (@map $module:ident $world:literal $export:literal [inventory_types $($shared:ident)*] { $($with:tt)* }) => {
        capability!(@map $module $world $export [$($shared)*] { $($with)*
            "tillhouse:merchant/inventory-types@0.2.0": crate::bindings::tillhouse::merchant::inventory_types,
        });
    };
    (@map $module:ident $world:literal $export:literal [fulfillment_types $($shared:ident)*] { $($with:tt)* }) => {
        capability!(@map $module $world $export [$($shared)*] { $($with)*
            "tillhouse:merchant/fulfillment-types@0.2.0": crate::bindings::tillhouse::merchant::fulfillment_types,
        });
    };
    (@map $module:ident $world:literal $export:literal [tax_types $($shared:ident)*] { $($with:tt)* }) => {
        capability!(@map $module $world $export [$($shared)*] { $($with)*
            "tillhouse:merchant/tax-types@0.2.0": crate::bindings::tillhouse::merchant::tax_types,
        });
    };
    (@map $module:ident $world:literal $export:literal [presentation_types $($shared:ident)*] { $($with:tt)* }) => {
        capability!(@map $module $world $export [$($shared)*] { $($with)*
            "tillhouse:merchant/presentation-types@0.2.0": crate::bindings::tillhouse::merchant::presentation_types,
        });
    };
    (@map $module:ident $world:literal $export:literal [orders_types $($shared:ident)*] { $($with:tt)* }) => {
        capability!(@map $module $world $export [$($shared)*] { $($with)*
            "tillhouse:merchant/orders-types@0.2.0": crate::bindings::tillhouse::merchant::orders_types,
        });
    };
    (@map $module:ident $world:literal $export:literal [payments_types $($shared:ident)*] { $($with:tt)* }) => {
        capability!(@map $module $world $export [$($shared)*] { $($with)*
            "tillhouse:merchant/payments-types@0.2.0": crate::bindings::tillhouse::merchant::payments_types,
        });
    };
    (@generate $module:ident $world:literal $export:literal $with:tt) => {
        pub mod $module {
            generate! {
                path: ["../../wit/host", "../../wit/merchant", "wit"],
                world: $world,
                with: $with,
                pub_export_macro: true,
                export_macro_name: $export,
                default_bindings_module: "tillhouse_plugin::bindings",
            }
        }
    };
}

capability!(pricing "tillhouse:sdk/pricing" "export_pricing" [types pricing_types]);
capability!(pricing_redemption "tillhouse:sdk/pricing-redemption" "export_pricing_redemption" [types]);
capability!(inventory "tillhouse:sdk/inventory" "export_inventory" [types inventory_types]);
capability!(fulfillment "tillhouse:sdk/fulfillment" "export_fulfillment" [types fulfillment_types]);
capability!(tax "tillhouse:sdk/tax" "export_tax" [types purchase tax_types]);
capability!(risk "tillhouse:sdk/risk" "export_risk" [types credentials]);
capability!(orders "tillhouse:sdk/orders" "export_orders" [types purchase orders_types]);
capability!(orders_notices "tillhouse:sdk/orders-notices" "export_orders_notices" [types purchase orders_types]);
capability!(presentation "tillhouse:sdk/presentation" "export_presentation" [types presentation_types]);
capability!(quoting "tillhouse:sdk/quoting" "export_quoting"
    [types purchase pricing_types inventory_types fulfillment_types tax_types presentation_types]);
capability!(sessions "tillhouse:sdk/sessions" "export_sessions" [types purchase orders_types]);
capability!(payments "tillhouse:sdk/payments" "export_payments" [types credentials purchase payments_types]);
capability!(payments_authentication "tillhouse:sdk/payments-authentication" "export_payments_authentication"
    [types credentials purchase payments_types]);
capability!(payments_void "tillhouse:sdk/payments-void" "export_payments_void" [types purchase payments_types]);
capability!(payments_refund "tillhouse:sdk/payments-refund" "export_payments_refund" [types purchase payments_types]);
capability!(payments_capture "tillhouse:sdk/payments-capture" "export_payments_capture" [types purchase payments_types]);
capability!(payments_cancel_by_reference
    "tillhouse:sdk/payments-cancel-by-reference" "export_payments_cancel_by_reference" [types purchase payments_types]);
capability!(payments_list "tillhouse:sdk/payments-list" "export_payments_list" [types]);
capability!(payments_notices "tillhouse:sdk/payments-notices" "export_payments_notices" [types purchase payments_types]);
capability!(lifecycle "tillhouse:sdk/lifecycle" "export_lifecycle");
