//! Defaults of the contract's records: empty lists, nothing known, amounts of zero. So that plugins and tests name only the
//! fields that they care about.

use crate::{
    fulfillment::Offer,
    orders::{Confirmation, DigitalDelivery},
    presentation::{PageContent, Support},
    pricing::PricedCart,
    purchase::{Purchase, Totals},
    risk::{self, CardDisplay},
    tax::{AssessedTaxes, Assessment, Request, Taxes},
    types::{
        Address, Agent, Authentication, Buyer, Cart, Company, Device, LineAmount, Loyalty, Recipient, TaxExemption,
    },
};

/// Implements `Default` by the default of each field. The types are generated, and the generator derives for all types or none.
macro_rules! defaults {
    ($($record:ty { $($field:ident),+ $(,)? })+) => {
        $(impl Default for $record {
            fn default() -> Self {
                Self { $($field: Default::default()),+ }
            }
        })+
    };
}

defaults! {
    Agent { name, profile, proven, principal }
    Address { name, company, line_one, line_two, city, region, country, postal_code }
    Company { name, tax_id, department, cost_center }
    TaxExemption { certificate, kind, regions, expires }
    Loyalty { tier, points, member_since }
    Buyer {
        email, name, first_name, last_name, phone, customer_id, account, signed_in, company, tax_exemption, loyalty,
        extensions,
    }
    Recipient { name, phone, email }
    Cart { lines, codes, buyer, recipient, destination, billing, groups, choices, quote_id, extensions }
    LineAmount {
        line, item, group, quantity, unit_price, tax_included, base, discount, subtotal, order_discount, taxable,
    }
    Device { ip, user_agent, accept_language, fingerprint, session }
    CardDisplay { brand, last4, funding, country, exp_month, exp_year, fingerprint, iin, wallet }
    Authentication { outcome, eci, transaction_id, version, has_cryptogram }
    PricedCart { lines, unknown, discounts, rejected, fees, messages, extensions }
    Offer { options, preselected, messages }
    Request { lines, options, fees, destinations, billing, buyer, extensions }
    AssessedTaxes { lines, options, fees }
    Assessment { taxes, messages, extensions }
    PageContent { links, messages, consents, continue_url, support, extensions }
    Support { email, phone, hours, help_center }
    DigitalDelivery { url, license_key, expires }
    Confirmation { number, invoice, receipt_url, email_sent }
    Purchase { lines, options, fees, discounts, totals }
    Totals { items_base, items_discount, subtotal, discount, fulfillment, fees, tax, total }
    risk::Request { cart, total, billing, card, device, signals, checks, authentication, extensions }
}

/// No line, option or fee is taxed.
impl Default for Taxes {
    fn default() -> Self {
        Self::Amounts(AssessedTaxes::default())
    }
}
