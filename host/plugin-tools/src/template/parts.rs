//! The parts of the template, by capability.

use tillhouse_runtime::Capability;

/// What the template has for a capability.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    /// Which.
    pub(super) capability: Capability,
    /// The shop's decision, a module of Rust.
    pub(super) shop: &'static str,
    /// Tests of the component; empty where there is nothing to test by itself.
    pub(super) component: &'static str,
    /// Properties of the schema of its configuration; empty where it has none.
    pub(super) schema: &'static str,
    /// The configuration that it starts with.
    pub(super) config: &'static str,
    /// The function to try first.
    pub(super) function: &'static str,
    /// Whether that one is asked without anything being given.
    pub(super) takes_nothing: bool,
    /// What its functions are given, where that is no cart: the file's name and what is in it.
    pub(super) fixture: Option<(&'static str, &'static str)>,
}

/// A module of the shop, and no more.
macro_rules! shop {
    ($capability:ident, $name:literal) => {
        Parts {
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

/// With a configuration, tests of the component, and a function that can be tried by itself.
macro_rules! decision {
    ($capability:ident, $name:literal, $function:literal) => {
        Parts {
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

impl Parts {
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
            Capability::Presentation => decision!(Presentation, "presentation", "presentation.page"),
            Capability::Payments => Self {
                // A charge needs an upstream and a secret, which nobody has yet.
                takes_nothing: true,
                fixture: fixture!("order.json"),
                ..decision!(Payments, "payments", "payments.profile")
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

    /// The call to try first, as `plugin run` takes it.
    pub(super) fn call(&self) -> String {
        let function = self.function;
        if self.takes_nothing {
            return format!("--function {function}");
        }
        let file = self.fixture.map_or("cart.json", |(name, _)| name);
        format!("--function {function} --input fixtures/{file}")
    }

    /// Whether it is asked about carts, whose size makes a difference.
    pub(super) const fn is_about_carts(&self) -> bool {
        !self.function.is_empty() && !self.takes_nothing
    }

    /// The name of its module, and its name in `export!`.
    pub(super) fn module(&self) -> String {
        self.capability.name().replace('-', "_")
    }
}
