//! Template of each capability.

use tillhouse_runtime::Capability;

/// Contents of the files that one capability adds to a plugin.
#[derive(Clone, Copy, Debug)]
pub(super) struct CapabilityTemplate {
    pub(super) capability: Capability,
    /// Rust module that implements the capability.
    pub(super) shop: &'static str,
    /// Tests of the component; empty if the capability has none of its own.
    pub(super) component: &'static str,
    /// Properties of the configuration schema; empty if it has none.
    pub(super) schema: &'static str,
    /// Default configuration in TOML.
    pub(super) config: &'static str,
    /// Function that the README calls.
    pub(super) function: &'static str,
    /// Whether this function takes no arguments.
    pub(super) takes_nothing: bool,
    /// Input of this function if it is not a cart: file name and contents.
    pub(super) fixture: Option<(&'static str, &'static str)>,
}

/// Template with only a module.
macro_rules! shop {
    ($capability:ident, $name:literal) => {
        CapabilityTemplate {
            capability: Capability::$capability,
            shop: include_str!(concat!("files/shop/", $name, ".rs")),
            component: "",
            schema: "",
            config: "",
            function: "",
            takes_nothing: false,
            fixture: None,
        }
    };
}

/// Template with a module, a configuration, component tests, and a function that can be called by itself.
macro_rules! decision {
    ($capability:ident, $name:literal, $function:literal) => {
        CapabilityTemplate {
            component: include_str!(concat!("files/component/", $name, ".rs")),
            schema: include_str!(concat!("files/schema/", $name, ".json")),
            config: include_str!(concat!("files/config/", $name, ".toml")),
            function: $function,
            ..shop!($capability, $name)
        }
    };
}

macro_rules! fixture {
    ($name:literal) => {
        Some(($name, include_str!(concat!("files/folder/", $name))))
    };
}

impl CapabilityTemplate {
    pub(super) const fn of(capability: Capability) -> Self {
        match capability {
            Capability::Pricing => decision!(Pricing, "pricing", "pricing.price"),
            Capability::PricingRedemption => {
                decision!(PricingRedemption, "pricing_redemption", "pricing-redemption.redeem")
            }
            Capability::Inventory => Self {
                fixture: fixture!("lines.json"),
                ..decision!(Inventory, "inventory", "inventory.check")
            },
            Capability::Fulfillment => decision!(Fulfillment, "fulfillment", "fulfillment.options"),
            Capability::Tax => Self {
                fixture: fixture!("tax.json"),
                ..decision!(Tax, "tax", "tax.assess")
            },
            Capability::Risk => Self {
                fixture: fixture!("risk.json"),
                ..decision!(Risk, "risk", "risk.assess")
            },
            Capability::Orders => Self {
                fixture: fixture!("draft.json"),
                ..decision!(Orders, "orders", "orders.identify")
            },
            Capability::OrdersNotices => Self {
                component: include_str!("files/component/orders_notices.rs"),
                function: "orders-notices.read",
                fixture: fixture!("notice.json"),
                ..shop!(OrdersNotices, "orders_notices")
            },
            Capability::Quoting => Self {
                component: include_str!("files/component/quoting.rs"),
                function: "quoting.quote",
                ..shop!(Quoting, "quoting")
            },
            Capability::Sessions => Self {
                component: include_str!("files/component/sessions.rs"),
                function: "sessions.ended",
                fixture: fixture!("end.json"),
                ..shop!(Sessions, "sessions")
            },
            Capability::Presentation => decision!(Presentation, "presentation", "presentation.page"),
            Capability::Payments => Self {
                // `payments.charge` needs an upstream and a secret, which a new plugin does not have.
                takes_nothing: true,
                fixture: fixture!("order.json"),
                ..decision!(Payments, "payments", "payments.profile")
            },
            Capability::PaymentsAuthentication => Self {
                schema: include_str!("files/schema/payments_authentication.json"),
                ..shop!(PaymentsAuthentication, "payments_authentication")
            },
            Capability::PaymentsVoid => shop!(PaymentsVoid, "payments_void"),
            Capability::PaymentsRefund => shop!(PaymentsRefund, "payments_refund"),
            Capability::PaymentsCapture => shop!(PaymentsCapture, "payments_capture"),
            Capability::PaymentsCancelByReference => {
                shop!(PaymentsCancelByReference, "payments_cancel_by_reference")
            }
            Capability::PaymentsList => shop!(PaymentsList, "payments_list"),
            Capability::PaymentsNotices => shop!(PaymentsNotices, "payments_notices"),
            Capability::Lifecycle => shop!(Lifecycle, "lifecycle"),
        }
    }

    /// Arguments of `plugin run` for the README's call.
    pub(super) fn call(&self) -> String {
        let function = self.function;
        if self.takes_nothing {
            return format!("--function {function}");
        }
        let file = self.fixture.map_or("cart.json", |(name, _)| name);
        format!("--function {function} --input fixtures/{file}")
    }

    /// Whether `plugin bench` can measure the function by cart size.
    pub(super) const fn is_about_carts(&self) -> bool {
        let is_measured = !matches!(self.capability, Capability::OrdersNotices | Capability::Sessions);
        is_measured && !self.function.is_empty() && !self.takes_nothing
    }

    /// Name of its module, which is also its name in `export!`.
    pub(super) fn module(&self) -> String {
        self.capability.name().replace('-', "_")
    }
}
