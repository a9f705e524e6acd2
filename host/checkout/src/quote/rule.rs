//! The rules that a plugin's answer must not break, as one table: `wit/README.md` is held against it.

use std::fmt;

/// A rule of the contract about the numbers and ids in a plugin's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuoteRule {
    /// Base of a line.
    L1,
    /// Discounts of a line.
    L2,
    /// Total of a line.
    L3,
    /// Every amount is one.
    L4,
    /// Total of a fulfillment option.
    O1,
    /// Subtotal of the order.
    T4,
    /// Total of the order.
    T6,
    /// Allocations of a discount.
    D1,
    /// Terms of a discount.
    D3,
    /// Discount codes are answered.
    D4,
    /// Duration and redemptions of a coupon.
    D5,
    /// Validity of a discount.
    D6,
    /// Amounts that include tax.
    N1,
    /// Rates of a tax.
    R1,
    /// Names of rounding modes and scopes.
    R2,
    /// What is exempt has no tax.
    Exempt,
    /// Options for lines and groups.
    Choices,
    /// Parts of a tax.
    Parts,
    /// Ids of the question, each once.
    Ids,
    /// Id and permalink of the order.
    Identity,
}

/// A row of the table: what must hold, the functions whose answers may break it, and how their author fixes that.
struct Row {
    id: &'static str,
    formula: &'static str,
    functions: &'static [&'static str],
    help: &'static str,
}

const PRICE: &str = "pricing.price";
const CHECK: &str = "inventory.check";
const OPTIONS: &str = "fulfillment.options";
const ASSESS: &str = "tax.assess";
const IDENTIFY: &str = "orders.identify";

/// Help of the rules that only bound a sum.
const KEEP_THE_SUM: &str = "keep the sum at or below 2^53 - 1 minor units: lower the prices or the taxes";

impl QuoteRule {
    /// Every rule, in the order of the table.
    pub const ALL: [Self; 20] = [
        Self::L1,
        Self::L2,
        Self::L3,
        Self::L4,
        Self::N1,
        Self::O1,
        Self::T4,
        Self::T6,
        Self::D1,
        Self::D3,
        Self::D4,
        Self::D5,
        Self::D6,
        Self::R1,
        Self::R2,
        Self::Exempt,
        Self::Parts,
        Self::Ids,
        Self::Choices,
        Self::Identity,
    ];

    const fn row(self) -> Row {
        match self {
            Self::L1 => Row {
                id: "L1",
                formula: "for each line: `base = unit-price × quantity ≤ max`, with tax if `tax-included`",
                functions: &[PRICE],
                help: "keep unit_price × quantity at or below 2^53 - 1 minor units: lower the price, or reject the quantity \
                       with a `rejected` failure",
            },
            Self::L2 => Row {
                id: "L2",
                formula: "for each line: `discount = Σ allocations to the line ≤ base`; then `subtotal = base - discount`",
                functions: &[PRICE],
                help: "cap the allocations to a line, of all discounts together, at its base, unit_price × quantity",
            },
            Self::N1 => Row {
                id: "N1",
                formula: "where a price, an option's price or a fee includes tax: `tax ≤ amount after every discount`; then \
                          `net = amount - tax`, and for a line `net + tax = unit-price × quantity - discounts`",
                functions: &[ASSESS],
                help: "give the tax that the amount contains, amount × rate / (1 + rate), not the tax on top of it; or answer rates",
            },
            Self::L3 => Row {
                id: "L3",
                formula: "for each line: `total = subtotal + tax ≤ max`",
                functions: &[ASSESS],
                help: KEEP_THE_SUM,
            },
            Self::L4 => Row {
                id: "L4",
                formula: "every unit price, fee, option price, tax and part of a tax: `0 ≤ amount ≤ max`",
                functions: &[PRICE, OPTIONS, ASSESS],
                help: "give amounts in minor units, from 0 to 2^53 - 1; to reduce a price use a discount, not a negative \
                       amount",
            },
            Self::O1 => Row {
                id: "O1",
                formula: "for each fulfillment option: `total = price after discounts, without tax, + tax ≤ max`",
                functions: &[ASSESS],
                help: KEEP_THE_SUM,
            },
            Self::T4 => Row {
                id: "T4",
                formula: "`subtotal = Σ line subtotals ≤ max`",
                functions: &[PRICE],
                help: KEEP_THE_SUM,
            },
            Self::T6 => Row {
                id: "T6",
                formula: "`order discount = Σ allocations to the order ≤ subtotal`; `total = subtotal - order discount + \
                          fulfillment + tax + Σ fees`, where no sum is larger than max",
                functions: &[PRICE, ASSESS],
                help: "cap the allocations to the order at the sum of the lines after their own discounts, and keep the total \
                       at or below 2^53 - 1 minor units",
            },
            Self::D1 => Row {
                id: "D1",
                formula: "for each discount: every allocation `1 ≤ amount ≤ max`, and `Σ allocations ≤ max`",
                functions: &[PRICE],
                help: "make every allocation 1 minor unit or more, and leave out allocations of zero",
            },
            Self::D3 => Row {
                id: "D3",
                formula: "for each discount: the `terms` of its coupon are a rate `0 ≤ ppm ≤ 1 000 000`, or an amount `0 ≤ amount ≤ \
                          max`; a `rate-off` is at most 1 000 000 ppm",
                functions: &[PRICE],
                help: "give a rate of at most 1 000 000 ppm (100 %), or an amount from 0 to 2^53 - 1 minor units",
            },
            Self::D4 => Row {
                id: "D4",
                formula: "for each code of the cart: `1 ≤ applied + rejected ≤ times in the cart`, where `applied` is 1 if \
                          any discount has the code, else 0; no other code is applied or rejected; every `reason` is one of \
                          the eight `discount_code_…`",
                functions: &[PRICE],
                help: "answer every code of the cart, and no other code: on a discount, or in `rejected` with a reason of the \
                       contract, at most one answer for each time that it is in the cart",
            },
            Self::D5 => Row {
                id: "D5",
                formula: "for each coupon: `duration` is `once`, `repeating` or `forever`; `duration-in-months ≥ 1`, and only if it \
                          repeats; `max-redemptions ≥ 1`",
                functions: &[PRICE],
                help: "name a duration of the contract, and leave out months and redemptions that do not apply",
            },
            Self::D6 => Row {
                id: "D6",
                formula: "for each discount: `starts ≤ now < ends`, as far as they are given",
                functions: &[PRICE],
                help: "reject a code that does not apply yet or any more, with `discount_code_expired` or `discount_code_invalid`",
            },
            Self::R1 => Row {
                id: "R1",
                formula: "for each line, option and fee with rates: `Σ rates ≤ 1 000 000 ppm`; for each part of a tax: `rate ≤ \
                          1 000 000 ppm`",
                functions: &[ASSESS],
                help: "give rates in parts per million, 72 500 for 7.25 %, together at most 1 000 000 (100 %)",
            },
            Self::R2 => Row {
                id: "R2",
                formula: "every rounding rule: `mode` is `half-up`, `half-even`, `down` or `up`; `scope` is `line`, `rate` or `cart`",
                functions: &[PRICE, ASSESS],
                help: "name a mode and a scope of the contract",
            },
            Self::Exempt => Row {
                id: "exempt",
                formula: "what is `exempt` has a tax of zero, or no rates",
                functions: &[ASSESS],
                help: "leave `exempt` out where tax is due, and leave tax and rates out where it is not",
            },
            Self::Parts => Row {
                id: "parts",
                formula: "for each tax with parts: `amount = Σ parts`",
                functions: &[ASSESS],
                help: "make the amount the sum of its parts, or leave the parts out",
            },
            Self::Ids => Row {
                id: "ids",
                formula: "every id of a line, option or fee in an answer is one of the question; each line is priced exactly \
                          once, unless the answer names an unknown line; stock and tax name an id at most once; ids of \
                          discounts, fees and options are unique; every `preselected` choice and every `group` of an option exists",
                functions: &[PRICE, CHECK, OPTIONS, ASSESS],
                help: "use only ids of the question, each of them once; give every discount, fee and option an id of its own",
            },
            Self::Choices => Row {
                id: "choices",
                formula: "a preselected option covers the lines that it is for, and no two are for the same line; an option of a \
                          group names lines of that group only",
                functions: &[OPTIONS],
                help: "preselect one option for each line, from the options that cover it",
            },
            Self::Identity => Row {
                id: "identity",
                formula: "the order id has 1 to 128 bytes and no other order of the merchant has it; the permalink is an \
                          absolute http or https URL",
                functions: &[IDENTIFY],
                help: "give every order a new id of 1 to 128 bytes, and an absolute http or https permalink",
            },
        }
    }

    /// The id of the rule in logs and in `wit/README.md`: `L2`, `parts`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.row().id
    }

    /// What must hold. Amounts are minor units; *max* is 2^53 - 1.
    #[must_use]
    pub const fn formula(self) -> &'static str {
        self.row().formula
    }

    /// The functions of the contract whose answers may break the rule.
    #[must_use]
    pub const fn functions(self) -> &'static [&'static str] {
        self.row().functions
    }

    /// How the plugin's author fixes an answer that breaks the rule.
    #[must_use]
    pub const fn help(self) -> &'static str {
        self.row().help
    }
}

impl fmt::Display for QuoteRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}
