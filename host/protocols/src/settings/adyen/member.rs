//! Names of the members of bodies that Adyen does not document publicly.

use std::collections::BTreeMap;

macro_rules! members {
    ($($(#[$doc:meta])* $variant:ident: $key:literal = [$($name:literal),+];)+) => {
        /// A member of a body that Adyen sends to the merchant, by what it means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum AdyenMember {
            $($(#[$doc])* $variant,)+
        }

        impl AdyenMember {
            /// Every member that a name can be configured for.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its key in the configuration.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$variant => $key,)+
                }
            }

            /// The names by which it is found unless others are configured, the first of which messages use. The parts of a name are
            /// those of a path from the body: `payment_data.token`.
            #[must_use]
            pub const fn default_names(self) -> &'static [&'static str] {
                match self {
                    $(Self::$variant => &[$($name),+],)+
                }
            }
        }
    };
}

members! {
    /// Items of the cart.
    Items: "items" = ["items"];
    /// Currency of the session.
    Currency: "currency" = ["currency"];
    /// The buyer's contact details.
    Buyer: "buyer" = ["buyer"];
    /// Where the order is delivered to.
    FulfillmentAddress: "fulfillment_address" = ["fulfillment_address"];
    /// Id of the chosen fulfillment option.
    FulfillmentOption: "fulfillment_option" = ["fulfillment_option_id"];
    /// Object with the discount codes.
    Discounts: "discounts" = ["discounts"];
    /// Affiliate that led the buyer here.
    Attribution: "attribution" = ["affiliate_attribution"];
    /// The buyer's answers to the marketing consents.
    Consents: "consents" = ["marketing_consents"];
    /// Billing address of the payment.
    BillingAddress: "billing_address" = ["billing_address", "payment_data.billing_address"];
    /// Amount of the payment: a number of minor units, or an object with `value` and `currency`.
    Amount: "amount" = ["amount"];
    /// Assessments of the payment, for the risk rules.
    RiskSignals: "risk_signals" = ["risk_signals"];
    /// Address of the buyer's device.
    ShopperIp: "shopper_ip" = ["shopper_ip", "shopperIP"];
    /// The payment token of the advanced flow.
    Token: "token" = ["payment_data.token", "psp_token", "token"];
    /// Adyen's reference of the payment.
    PspReference: "psp_reference" = ["pspReference", "psp_reference"];
    /// What became of the payment.
    Result: "result" = ["resultCode", "result_code"];
    /// Why the payment was refused.
    RefusalReason: "refusal_reason" = ["refusalReason", "refusal_reason"];
}

/// The names by which members are looked for in the bodies of Adyen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdyenNames(BTreeMap<AdyenMember, Vec<String>>);

impl AdyenNames {
    /// The same names, but for this member.
    #[must_use]
    pub fn with(mut self, member: AdyenMember, names: Vec<String>) -> Self {
        self.0.insert(member, names);
        self
    }

    /// The names of a member, in the order in which they are looked for. Never empty.
    pub fn of(&self, member: AdyenMember) -> impl Iterator<Item = &str> {
        let configured = self.0.get(&member).filter(|names| !names.is_empty());
        let default = if configured.is_none() {
            member.default_names()
        } else {
            &[]
        };
        let configured = configured.into_iter().flatten().map(String::as_str);
        configured.chain(default.iter().copied())
    }

    /// The name of a member in messages.
    #[must_use]
    pub fn first(&self, member: AdyenMember) -> &str {
        self.of(member).next().unwrap_or(member.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configured_names_take_the_place_of_the_default_ones() {
        let names = AdyenNames::default().with(AdyenMember::Token, vec!["paymentMethod.id".into()]);
        assert_eq!(names.of(AdyenMember::Token).collect::<Vec<_>>(), ["paymentMethod.id"]);
        assert_eq!(names.first(AdyenMember::Token), "paymentMethod.id");
        assert_eq!(
            names.of(AdyenMember::Result).collect::<Vec<_>>(),
            ["resultCode", "result_code"]
        );
        for member in AdyenMember::ALL {
            assert!(!names.first(*member).is_empty());
        }
    }
}
