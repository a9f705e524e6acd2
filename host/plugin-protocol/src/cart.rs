//! The cart of a quote, with buyer, recipient, addresses, groups and choices.

use serde::{Deserialize, Serialize};

/// Cart as an agent would send it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cart {
    /// Items and quantities, one entry per line.
    pub lines: Vec<CartLine>,
    /// Discount codes as the buyer typed them.
    pub codes: Vec<String>,
    /// Buyer; `None` while the agent has not sent one.
    pub buyer: Option<Buyer>,
    /// Recipient of the goods with the shipping address; `None` while it is not known.
    pub recipient: Option<Recipient>,
    /// Billing address; `None` while it is not known.
    pub billing: Option<Address>,
    /// Groups of lines with destinations of their own; empty if everything goes to one destination.
    pub groups: Vec<Group>,
    /// Fulfillment options that the buyer chose.
    pub choices: Vec<Choice>,
    /// Id of an offer that the merchant made to the buyer before.
    pub quote_id: Option<String>,
    /// The buyer's note to the merchant.
    pub notes: Option<String>,
    /// Key-value pairs that the host passes on without a meaning of its own.
    pub extensions: Vec<(String, String)>,
}

/// Line of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// Line id, unique in the cart.
    pub id: String,
    /// Item id in the catalog.
    pub item: String,
    /// Number of units of the item.
    pub quantity: u32,
}

/// Chosen fulfillment option, and the lines that it applies to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Id of the option.
    pub option: String,
    /// Ids of the lines that it applies to; empty for all that the option covers.
    #[serde(default)]
    pub lines: Vec<String>,
}

/// Lines that go to one destination, where a cart has several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Id of the group, unique in the cart.
    pub id: String,
    /// Kind: `shipping`, `pickup`, `local_delivery` or `digital`.
    pub kind: String,
    /// Ids of the lines in the group; a line is in at most one group.
    pub lines: Vec<String>,
    /// Address of the group; `None` for the address of the cart.
    #[serde(default)]
    pub destination: Option<Address>,
    /// Person who receives the group, without an address; `None` for the recipient of the cart.
    #[serde(default)]
    pub recipient: Option<Recipient>,
    /// Id of the place where the buyer picks the lines up.
    #[serde(default)]
    pub location: Option<String>,
    /// Instructions of the buyer for this group.
    #[serde(default)]
    pub instructions: Option<String>,
}

/// Buyer, as the agent describes them. A field is `None` if the agent left it out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Buyer {
    /// First name, if the agent splits the name.
    pub first_name: Option<String>,
    /// Last name, if the agent splits the name.
    pub last_name: Option<String>,
    /// Full name, if the agent does not split it.
    pub full_name: Option<String>,
    /// Email address, passed on as it is.
    pub email: Option<String>,
    /// Phone number, passed on as it is.
    pub phone: Option<String>,
    /// The merchant's own id of the customer.
    pub customer_id: Option<String>,
    /// Kind of customer account: `guest`, `registered` or `business`.
    pub account: Option<String>,
    /// Sign-in state with the merchant: `authenticated`, `guest` or `requires_signin`.
    pub authentication: Option<String>,
    /// Company that the buyer buys for.
    pub company: Option<Company>,
    /// Certificate that exempts the buyer from tax.
    pub tax_exemption: Option<TaxExemption>,
    /// Membership in the merchant's loyalty program.
    pub loyalty: Option<Loyalty>,
}

/// Company that a buyer buys for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Company {
    /// Name of the company.
    pub name: String,
    /// Tax id, passed on as it is.
    pub tax_id: Option<String>,
    /// Department of the company that buys.
    pub department: Option<String>,
    /// Cost center within the company.
    pub cost_center: Option<String>,
}

/// Certificate that exempts a buyer from tax.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaxExemption {
    /// Id of the certificate.
    pub certificate: String,
    /// Kind: `resale`, `exempt_organization`, `government` or another.
    pub kind: String,
    /// Regions in which it is valid, such as `US-CA`; empty if the agent named none.
    pub regions: Vec<String>,
    /// Time at which it expires, in milliseconds since the Unix epoch; `None` if the agent named none.
    pub expires: Option<u64>,
}

/// Membership in a loyalty program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Loyalty {
    /// Tier of the member.
    pub tier: Option<String>,
    /// Balance of the member in points.
    pub points: Option<u64>,
    /// Start of the membership, as the agent wrote it.
    pub member_since: Option<String>,
}

/// Recipient of the goods, with contact details and address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recipient {
    /// Full name of the recipient.
    pub name: Option<String>,
    /// Phone number, passed on as it is.
    pub phone: Option<String>,
    /// Email address, passed on as it is.
    pub email: Option<String>,
    /// Shipping address; `None` while it is not known.
    pub address: Option<Address>,
}

/// Postal address. Fields that are not given are empty strings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Full name of the recipient.
    pub name: String,
    /// Company of the recipient.
    pub company: String,
    /// First address line: street and number.
    pub line_one: String,
    /// Apartment, floor or similar.
    pub line_two: String,
    /// City or town of the address.
    pub city: String,
    /// State, province or region.
    pub region: String,
    /// Country code, ISO 3166-1 alpha-2.
    pub country: String,
    /// Postal or ZIP code.
    pub postal_code: String,
}
