//! What an amount is in the units of another party.
//!
//! The domain counts in minor units of ISO 4217, and so does ACP, which asks for "ISO 4217 minor units" (its `schema.feed.json`) and
//! needs no conversion. A party that counts otherwise is written to and read in its own units, at its edge and nowhere else. The limit
//! of a payment token is in the units of its issuer, over whatever protocol the token arrives.
//!
//! Nothing is rounded on the way to a payment: where the party cannot be told an amount exactly, the checkout is not ready for payment
//! (`quote/party_limits.rs`), because neither charging another amount than the order's nor recording another than the charge's is
//! the host's to decide.

#[cfg(test)]
mod tests;

use std::fmt;

use tillhouse_amounts::rounding::Rounding;

use super::money::{Amount, Currency, Money, MoneyError};

/// Currencies that Stripe counts in whole units (<https://docs.stripe.com/currencies#zero-decimal>). MGA has two decimals in ISO 4217
/// and none here. UGX is on Stripe's list as well, and an exception to it: [`WHOLE_HUNDREDS`].
const ZERO_DECIMAL: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
];

/// Currencies without decimals that Stripe counts in hundredths nevertheless: 5 ISK are 500, and only multiples of 100 are amounts
/// (<https://docs.stripe.com/currencies#special-cases>,
/// <https://support.stripe.com/questions/deprecation-of-fractional-isk-charges-and-refunds>).
///
/// The other special cases on that page, HUF and TWD, are about payouts only: what is charged has two decimals.
const WHOLE_HUNDREDS: [&str; 2] = ["ISK", "UGX"];

/// Currencies that Stripe counts in thousandths, of which the last digit must be 0: 5.124 KWD is either 5120 or 5130
/// (<https://docs.stripe.com/currencies#three-decimal>).
const THREE_DECIMAL: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// Currencies that Adyen counts in whole units (<https://docs.adyen.com/development-resources/currency-codes>). CVE and IDR have two
/// decimals in ISO 4217; the page says of both that Adyen's number of decimals differs from the standard.
const ADYEN_WHOLE: [&str; 15] = [
    "CVE", "DJF", "GNF", "IDR", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
];

/// Currencies without decimals that Adyen counts in hundredths nevertheless, as the same page says: 5 ISK are 500.
const ADYEN_HUNDREDTHS: [&str; 2] = ["CLP", "ISK"];

/// Currencies that Adyen counts in thousandths, on the same page.
const ADYEN_THOUSANDTHS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// The largest amount of Stripe: eight digits (<https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>).
const EIGHT_DIGITS: i64 = 99_999_999;

/// The largest amount of Stripe in Indonesian rupiah: twelve digits (on the same page).
const TWELVE_DIGITS: i64 = 999_999_999_999;

/// A party that counts money in units of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// Stripe: its checkout hooks, payment tokens and payment records.
    Stripe,
    /// Adyen: its agentic dialect on both sides, and the limits of cards that are delegated in its shape.
    Adyen,
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stripe => f.write_str("Stripe"),
            Self::Adyen => f.write_str("Adyen"),
        }
    }
}

/// Why an amount cannot be written in a party's units, or is not one that it takes a payment of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnitsError {
    /// The party names no units for the currency.
    #[error("{party} has no units for amounts of {currency}")]
    Currency {
        /// Whose lists do not have the currency.
        party: Party,
        /// A currency whose ISO 4217 minor unit is not a hundredth, and that is on none of the party's lists.
        currency: Currency,
    },
    /// The amount is between two amounts of the party.
    #[error("{party} takes amounts in steps of {step}, and {money} is between two of them")]
    TooFine {
        /// Whose unit, or whose rule, is coarser than the amount.
        party: Party,
        /// Amount that cannot be written to the party, or not be paid.
        money: Money,
        /// What every amount must be a multiple of.
        step: Money,
    },
    /// The amount is larger than any that the party takes.
    #[error("{money} is more than {most}, the most that {party} takes")]
    TooLarge {
        /// Who takes no payment of the amount.
        party: Party,
        /// Amount that cannot be paid at once.
        money: Money,
        /// What can be paid at most, a multiple of the party's step.
        most: Money,
    },
    /// What the party states is negative or larger than any amount.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// How a party counts one currency.
#[derive(Clone, Copy, Debug)]
struct Units {
    /// Decimal digits of the party's unit: 2 for hundredths.
    decimals: u32,
    /// What a payment must be a multiple of, in the party's units.
    step: i64,
    /// The largest payment, in the party's units.
    most: i64,
}

impl Party {
    /// An amount in the party's units, exactly.
    ///
    /// # Errors
    /// If the party's unit is coarser than the amount, or it has no unit for the currency.
    pub fn amount(self, money: Money) -> Result<i64, UnitsError> {
        let units = self.units(money.currency)?;
        let (more, less) = scale(units.decimals, money.currency);
        let minor = money.amount.minor();
        if minor % less == 0 {
            Ok(minor / less * more)
        } else {
            Err(self.too_fine(money, less))
        }
    }

    /// The amount of a payment in the party's units: one that it takes.
    ///
    /// # Errors
    /// As for [`Self::amount`], and if the party takes no payment of this amount: between two steps, or too large.
    pub fn payment(self, money: Money) -> Result<i64, UnitsError> {
        let amount = self.amount(money)?;
        let units = self.units(money.currency)?;
        let (more, less) = scale(units.decimals, money.currency);
        let minor = |amount: i64| amount / more * less;
        if amount > units.most {
            let largest = units.most - units.most % units.step;
            let most = self.money(minor(largest), money.currency);
            return Err(UnitsError::TooLarge {
                party: self,
                money,
                most,
            });
        }
        if amount % units.step != 0 {
            return Err(self.too_fine(money, minor(units.step)));
        }
        Ok(amount)
    }

    /// An amount in the party's units, for display only: to the nearest unit where it is between two of them. A checkout with such an
    /// amount is not ready for payment.
    #[must_use]
    pub fn shown(self, money: Money) -> i64 {
        let Ok(units) = self.units(money.currency) else {
            return money.amount.minor();
        };
        let (more, less) = scale(units.decimals, money.currency);
        let amount = Rounding::HalfUp.divide(i128::from(money.amount.minor()) * i128::from(more), less.into());
        i64::try_from(amount).unwrap_or(i64::MAX)
    }

    /// An amount that the party grants, such as a limit, in minor units. Where ISO 4217 has a coarser unit, the rest is not granted.
    ///
    /// # Errors
    /// If the party has no unit for the currency, and if the number is negative or too large.
    pub fn granted(self, stated: i64, currency: Currency) -> Result<Amount, UnitsError> {
        self.read(stated, currency, Rounding::Down)
    }

    /// An amount that the party counts as used, in minor units. Where ISO 4217 has a coarser unit, a part counts as a whole one.
    ///
    /// # Errors
    /// As for [`Self::granted`].
    pub fn used(self, stated: i64, currency: Currency) -> Result<Amount, UnitsError> {
        self.read(stated, currency, Rounding::Up)
    }

    fn read(self, stated: i64, currency: Currency, rounding: Rounding) -> Result<Amount, UnitsError> {
        if stated < 0 {
            return Err(MoneyError::Negative(stated).into());
        }
        let units = self.units(currency)?;
        let (more, less) = scale(units.decimals, currency);
        let minor = rounding.divide(i128::from(stated) * i128::from(less), more.into());
        let minor = i64::try_from(minor).map_err(|_| MoneyError::TooLarge)?;
        Ok(Amount::new(minor)?)
    }

    /// The smallest payment in this currency that the party takes, where that is coarser than the minor unit of ISO 4217; payments
    /// are multiples of it.
    ///
    /// # Errors
    /// If the party has no unit for the currency.
    pub fn coarse_step(self, currency: Currency) -> Result<Option<Money>, UnitsError> {
        let units = self.units(currency)?;
        let (more, less) = scale(units.decimals, currency);
        let step = units.step / more * less;
        Ok((step > 1).then(|| self.money(step, currency)))
    }

    fn units(self, currency: Currency) -> Result<Units, UnitsError> {
        let units = match self {
            Self::Stripe => stripe(currency),
            Self::Adyen => adyen(currency),
        };
        units.ok_or(UnitsError::Currency { party: self, currency })
    }

    fn too_fine(self, money: Money, step: i64) -> UnitsError {
        UnitsError::TooFine {
            party: self,
            money,
            step: self.money(step, money.currency),
        }
    }

    /// An amount of a list above, which is small and not negative.
    fn money(self, minor: i64, currency: Currency) -> Money {
        Money {
            amount: Amount::new(minor).unwrap_or_default(),
            currency,
        }
    }
}

/// How Stripe counts a currency: in hundredths unless a list says otherwise. `None` where ISO 4217 has another unit than hundredths
/// and no list has the currency: any guess would be wrong by a factor of ten or more.
fn stripe(currency: Currency) -> Option<Units> {
    let code = currency.upper();
    let code = code.as_str();
    let most = if code == "IDR" { TWELVE_DIGITS } else { EIGHT_DIGITS };
    let units = |decimals, step| Some(Units { decimals, step, most });
    if ZERO_DECIMAL.contains(&code) {
        units(0, 1)
    } else if WHOLE_HUNDREDS.contains(&code) {
        units(2, 100)
    } else if THREE_DECIMAL.contains(&code) {
        units(3, 10)
    } else if currency.exponent() == 2 {
        units(2, 1)
    } else {
        None
    }
}

/// How Adyen counts a currency: in hundredths unless a list says otherwise. `None` as for Stripe. The page names no largest amount and no
/// step but the unit.
fn adyen(currency: Currency) -> Option<Units> {
    let code = currency.upper();
    let code = code.as_str();
    let decimals = if ADYEN_WHOLE.contains(&code) {
        Some(0)
    } else if ADYEN_THOUSANDTHS.contains(&code) {
        Some(3)
    } else {
        (ADYEN_HUNDREDTHS.contains(&code) || currency.exponent() == 2).then_some(2)
    };
    decimals.map(|decimals| Units {
        decimals,
        step: 1,
        most: i64::MAX,
    })
}

/// What minor units are multiplied with, and divided by, to become units of this many decimals; one of the two is 1.
fn scale(decimals: u32, currency: Currency) -> (i64, i64) {
    let exponent = currency.exponent();
    let power = |digits: u32| 10_i64.saturating_pow(digits);
    (
        power(decimals.saturating_sub(exponent)),
        power(exponent.saturating_sub(decimals)),
    )
}
