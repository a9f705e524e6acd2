//! Exports of a component, looked up once when it is loaded.

use wasmtime::component::InstancePre;

use crate::api::bindings::exports::tillhouse::merchant as contract;
use crate::api::capability::{Capabilities, Capability};
use crate::guest::state::GuestState;

macro_rules! exports {
    (called { $($interface:ident = $capability:ident,)+ } checked { $($other:ident = $other_capability:ident,)+ }) => {
        /// Indices of each exported interface; `None` when the component does not export it.
        pub(crate) struct Exports {
            $(pub(crate) $interface: Option<contract::$interface::GuestIndices>,)+
        }

        impl Exports {
            /// Look up the functions of each capability. Those that no host calls yet are only checked to be there.
            ///
            /// # Errors
            /// When an exported interface lacks one of its functions.
            pub(crate) fn find(pre: &InstancePre<GuestState>, capabilities: Capabilities) -> wasmtime::Result<Self> {
                let has = |capability| capabilities.contains(capability).then_some(pre);
                $(has(Capability::$other_capability)
                    .map(contract::$other::GuestIndices::new)
                    .transpose()?;)+
                Ok(Self {
                    $($interface: has(Capability::$capability)
                        .map(contract::$interface::GuestIndices::new)
                        .transpose()?,)+
                })
            }
        }
    };
}

exports! {
    called {
        pricing = Pricing,
        pricing_redemption = PricingRedemption,
        inventory = Inventory,
        fulfillment = Fulfillment,
        tax = Tax,
        risk = Risk,
        orders = Orders,
        orders_notices = OrdersNotices,
        presentation = Presentation,
        quoting = Quoting,
        sessions = Sessions,
        payments = Payments,
        payments_authentication = PaymentsAuthentication,
        payments_void = PaymentsVoid,
        payments_refund = PaymentsRefund,
        payments_cancel_by_reference = PaymentsCancelByReference,
        payments_list = PaymentsList,
        payments_notices = PaymentsNotices,
        lifecycle = Lifecycle,
    }
    checked {
        payments_capture = PaymentsCapture,
    }
}
