//! Exports of a component, looked up once when it is loaded.

use wasmtime::component::InstancePre;

use crate::api::bindings::exports::tillhouse::merchant::{
    fulfillment, inventory, lifecycle, orders, payments, payments_cancel_by_reference, payments_list, payments_notices,
    payments_refund, payments_void, presentation, pricing, pricing_redemption, risk, tax,
};
use crate::api::capability::{Capabilities, Capability};
use crate::guest::state::GuestState;

/// Indices of each exported interface; `None` when the component does not export it.
pub(crate) struct Exports {
    pub(crate) pricing: Option<pricing::GuestIndices>,
    pub(crate) pricing_redemption: Option<pricing_redemption::GuestIndices>,
    pub(crate) inventory: Option<inventory::GuestIndices>,
    pub(crate) fulfillment: Option<fulfillment::GuestIndices>,
    pub(crate) tax: Option<tax::GuestIndices>,
    pub(crate) risk: Option<risk::GuestIndices>,
    pub(crate) orders: Option<orders::GuestIndices>,
    pub(crate) presentation: Option<presentation::GuestIndices>,
    pub(crate) payments: Option<payments::GuestIndices>,
    pub(crate) payments_void: Option<payments_void::GuestIndices>,
    pub(crate) payments_refund: Option<payments_refund::GuestIndices>,
    pub(crate) payments_cancel_by_reference: Option<payments_cancel_by_reference::GuestIndices>,
    pub(crate) payments_list: Option<payments_list::GuestIndices>,
    pub(crate) payments_notices: Option<payments_notices::GuestIndices>,
    pub(crate) lifecycle: Option<lifecycle::GuestIndices>,
}

impl Exports {
    /// Look up the functions of each capability.
    ///
    /// # Errors
    /// When an exported interface lacks one of its functions.
    pub(crate) fn find(pre: &InstancePre<GuestState>, capabilities: Capabilities) -> wasmtime::Result<Self> {
        let has = |capability| capabilities.contains(capability).then_some(pre);
        Ok(Self {
            pricing: has(Capability::Pricing).map(pricing::GuestIndices::new).transpose()?,
            pricing_redemption: has(Capability::PricingRedemption)
                .map(pricing_redemption::GuestIndices::new)
                .transpose()?,
            inventory: has(Capability::Inventory)
                .map(inventory::GuestIndices::new)
                .transpose()?,
            fulfillment: has(Capability::Fulfillment)
                .map(fulfillment::GuestIndices::new)
                .transpose()?,
            tax: has(Capability::Tax).map(tax::GuestIndices::new).transpose()?,
            risk: has(Capability::Risk).map(risk::GuestIndices::new).transpose()?,
            orders: has(Capability::Orders).map(orders::GuestIndices::new).transpose()?,
            presentation: has(Capability::Presentation)
                .map(presentation::GuestIndices::new)
                .transpose()?,
            payments: has(Capability::Payments).map(payments::GuestIndices::new).transpose()?,
            payments_void: has(Capability::PaymentsVoid)
                .map(payments_void::GuestIndices::new)
                .transpose()?,
            payments_refund: has(Capability::PaymentsRefund)
                .map(payments_refund::GuestIndices::new)
                .transpose()?,
            payments_cancel_by_reference: has(Capability::PaymentsCancelByReference)
                .map(payments_cancel_by_reference::GuestIndices::new)
                .transpose()?,
            payments_list: has(Capability::PaymentsList)
                .map(payments_list::GuestIndices::new)
                .transpose()?,
            payments_notices: has(Capability::PaymentsNotices)
                .map(payments_notices::GuestIndices::new)
                .transpose()?,
            lifecycle: has(Capability::Lifecycle)
                .map(lifecycle::GuestIndices::new)
                .transpose()?,
        })
    }
}
