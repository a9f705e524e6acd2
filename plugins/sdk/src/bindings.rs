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

/// Generates the exports of one capability. Types are mapped to those generated above, so that all capabilities share them.
macro_rules! capability {
    ($module:ident, $world:literal, $export:literal $(, $shared:literal: $path:path)*) => {
        pub mod $module {
            generate! {
                path: ["../../wit/host", "../../wit/merchant", "wit"],
                world: $world,
                with: {
                    "tillhouse:host/types@0.1.0": crate::bindings::tillhouse::host::types,
                    "tillhouse:merchant/types@0.1.0": crate::bindings::tillhouse::merchant::types,
                    $($shared: $path,)*
                },
                pub_export_macro: true,
                export_macro_name: $export,
                default_bindings_module: "tillhouse_plugin::bindings",
            }
        }
    };
}

capability!(pricing, "tillhouse:sdk/pricing", "export_pricing");
capability!(
    pricing_redemption,
    "tillhouse:sdk/pricing-redemption",
    "export_pricing_redemption"
);
capability!(inventory, "tillhouse:sdk/inventory", "export_inventory");
capability!(fulfillment, "tillhouse:sdk/fulfillment", "export_fulfillment");
capability!(tax, "tillhouse:sdk/tax", "export_tax");
capability!(
    risk,
    "tillhouse:sdk/risk",
    "export_risk",
    "tillhouse:host/credentials@0.1.0": crate::bindings::tillhouse::host::credentials
);
capability!(orders, "tillhouse:sdk/orders", "export_orders");
capability!(presentation, "tillhouse:sdk/presentation", "export_presentation");
capability!(
    payments,
    "tillhouse:sdk/payments",
    "export_payments",
    "tillhouse:host/credentials@0.1.0": crate::bindings::tillhouse::host::credentials
);
capability!(payments_void, "tillhouse:sdk/payments-void", "export_payments_void");
capability!(
    payments_refund,
    "tillhouse:sdk/payments-refund",
    "export_payments_refund"
);
capability!(
    payments_capture,
    "tillhouse:sdk/payments-capture",
    "export_payments_capture"
);
capability!(
    payments_cancel_by_reference,
    "tillhouse:sdk/payments-cancel-by-reference",
    "export_payments_cancel_by_reference"
);
capability!(payments_list, "tillhouse:sdk/payments-list", "export_payments_list");
capability!(
    payments_notices,
    "tillhouse:sdk/payments-notices",
    "export_payments_notices"
);

pub mod lifecycle {
    // It shares no types with the other capabilities, and wit-bindgen rejects unused mappings.
    generate! {
        path: ["../../wit/host", "../../wit/merchant", "wit"],
        world: "tillhouse:sdk/lifecycle",
        pub_export_macro: true,
        export_macro_name: "export_lifecycle",
        default_bindings_module: "tillhouse_plugin::bindings",
    }
}
