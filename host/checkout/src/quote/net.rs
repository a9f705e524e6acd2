//! Divides amounts that include tax into net amounts and tax, so that what was shown stays what is paid.

use tillhouse_amounts::WHOLE;
use tillhouse_amounts::rounding::Rounding;
use tillhouse_amounts::spread::spread;

use super::taxes::{ASSESS, Tax};
use super::{ContractError, QuoteRule, contract_error};
use crate::money::Amount;

/// How amounts of one line, option or fee become amounts without tax.
pub(super) struct Net {
    /// Amount after every discount, as it was shown.
    shown: Amount,
    /// The same without tax.
    net: Amount,
    tax_included: bool,
    rate: Option<u32>,
}

impl Net {
    /// Of an amount after every discount, with its tax. Rule N1: an amount that includes its tax is not smaller than it.
    pub(super) fn new(shown: Amount, tax_included: bool, tax: &Tax) -> Result<Self, ContractError> {
        let net = if tax_included {
            let less = shown.minus(tax.amount);
            less.map_err(|error| contract_error(ASSESS, QuoteRule::N1, error.to_string()))?
        } else {
            shown
        };
        Ok(Self {
            shown,
            net,
            tax_included,
            rate: tax.rate,
        })
    }

    /// The amount after every discount, without tax.
    pub(super) const fn after_discounts(&self) -> Amount {
        self.net
    }

    /// Any other amount of the same line, such as its base, without tax: in the proportion of the amount after discounts. Where
    /// nothing is left of that, by the rates, if they are known.
    pub(super) fn of(&self, amount: Amount) -> Result<Amount, ContractError> {
        if !self.tax_included {
            return Ok(amount);
        }
        let (number, parts) = match (self.shown.minor(), self.rate) {
            (0, Some(rate)) => (i128::from(WHOLE), i128::from(WHOLE) + i128::from(rate)),
            (0, None) => (1, 1),
            (shown, _) => (self.net.minor().into(), shown.into()),
        };
        let net = Rounding::HalfUp.divide(i128::from(amount.minor()) * number, parts);
        let net = i64::try_from(net).unwrap_or(i64::MAX);
        Amount::new(net).map_err(|error| contract_error(ASSESS, QuoteRule::N1, error.to_string()))
    }
}

/// Parts of an amount that includes tax, as parts of the same amount without tax.
pub(super) fn parts(net: Amount, shown: &[Amount]) -> Vec<Amount> {
    let weights: Vec<i64> = shown.iter().map(|part| part.minor()).collect();
    let shares = spread(net.minor(), &weights);
    // A share is at most the amount that is divided.
    shares
        .into_iter()
        .map(|share| Amount::new(share).unwrap_or(net))
        .collect()
}
