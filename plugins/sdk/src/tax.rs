//! Taxes on lines, fulfillment options and fees, as amounts or as rates.

pub use crate::bindings::tillhouse::merchant::{
    purchase::TaxPart,
    tax_types::{
        Assessed, AssessedTaxes, Assessment, Destination, Rated, RatedTaxes, Request, TaxRate, TaxableFee,
        TaxableOption, Taxes,
    },
    types::{Context, Failure},
};
use crate::{
    amount::{Amount, OutOfRange},
    bindings::tax::exports::tillhouse::merchant::tax,
    export::Adapter,
    rate::Rate,
    rounding::{Rounding, RoundingRule},
    types::{Address, LineAmount},
};

/// Assesses taxes. Capability `tax`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::tax::Request;
///
/// /// One rate on all lines; the host computes the amounts, also of prices that include the tax.
/// struct Vat;
///
/// impl Tax for Vat {
///     fn assess(_ctx: Context, request: Request) -> Result<Assessment, Failure> {
///         let (Some(_), Some(rate)) = (request.destination(None), config::rate("vat")?) else {
///             return Ok(Assessment::default());
///         };
///         let mut taxes = RatedTaxes::new(RoundingRule::per_rate(Rounding::HalfUp));
///         taxes.lines = request.lines.into_iter().map(|line| Rated::at(line.line, rate, "DE")).collect();
///         Ok(taxes.into())
///     }
/// }
///
/// let _host = testing::Host::new().config("vat", "19").install();
/// let mut request = testing::tax_request(vec![testing::line_amount("line_1", "tee", 3, 999)]);
/// assert_eq!(Vat::assess(testing::context("EUR"), request.clone())?, Assessment::default(), "no address");
/// request.destinations = vec![testing::address("DE", "").into()];
/// assert_ne!(Vat::assess(testing::context("EUR"), request)?, Assessment::default());
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `tax` and does not implement `Tax`",
    note = "implement `Tax` for `{Self}`, or leave `tax` out of `export!`"
)]
pub trait Tax {
    /// Assesses the tax of lines, options and fees; an omitted one has no tax. Has no side effects.
    ///
    /// The answer has [`RatedTaxes`], which the host multiplies and rounds as the answer says, or [`AssessedTaxes`], which it
    /// never recomputes. Rates of a cart that are rounded once do not depend on how the cart is split into lines.
    ///
    /// May use `log`, `config`, `catalog`, `clock`.
    /// Limits: 50 ms of CPU, 2 s in all, 32 MiB of memory, no HTTP.
    ///
    /// # Errors
    /// A [`Failure`]. Without a destination, return no tax instead of a failure; where the tax needs an address or its country,
    /// add an error message `missing` about the address.
    fn assess(ctx: Context, request: Request) -> Result<Assessment, Failure>;
}

impl<T: Tax> tax::Guest for Adapter<T> {
    fn assess(ctx: Context, request: Request) -> Result<Assessment, Failure> {
        T::assess(ctx, request)
    }
}

impl Request {
    /// Returns the address that a line goes to: that of its group, or else that of the cart; `None` until the buyer gives it.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let line = testing::line_amount("line_1", "tee", 1, 2500);
    /// let mut request = testing::tax_request(vec![line.clone()]);
    /// assert_eq!(request.destination_of(&line), None);
    /// request.destinations = vec![testing::address("US", "CA").into()];
    /// assert!(request.destination_of(&line).is_some_and(|address| address.region == "CA"));
    /// ```
    #[must_use]
    pub fn destination_of(&self, line: &LineAmount) -> Option<&Address> {
        self.destination(line.group.as_deref())
    }

    /// Returns the address that a group goes to: its own, or else that of the cart. `None` stands for what is in no group.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// use tillhouse_plugin::tax::Request;
    ///
    /// fn is_taxed(request: &Request) -> bool {
    ///     let to = |group: Option<&str>| request.destination(group).is_some_and(|address| address.in_country("DE"));
    ///     request.options.iter().any(|option| to(option.group.as_deref()))
    /// }
    /// assert!(!is_taxed(&Request::default()));
    /// ```
    #[must_use]
    pub fn destination(&self, group: Option<&str>) -> Option<&Address> {
        let of = |group: Option<&str>| {
            let mut destinations = self.destinations.iter();
            destinations.find(|destination| destination.group.as_deref() == group)
        };
        of(group).or_else(|| of(None)).map(|destination| &destination.address)
    }
}

/// The destination of every line without one of its own.
impl From<Address> for Destination {
    fn from(address: Address) -> Self {
        Self { group: None, address }
    }
}

impl From<RatedTaxes> for Assessment {
    fn from(taxes: RatedTaxes) -> Self {
        Self {
            taxes: Taxes::Rates(taxes),
            ..Self::default()
        }
    }
}

impl From<AssessedTaxes> for Assessment {
    fn from(taxes: AssessedTaxes) -> Self {
        Self {
            taxes: Taxes::Amounts(taxes),
            ..Self::default()
        }
    }
}

impl RatedTaxes {
    /// Creates taxes whose amounts the host computes, rounded by this rule; what is left out is not taxed.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let mut taxes = RatedTaxes::new(RoundingRule::per_cart(Rounding::HalfUp));
    /// taxes.fees.push(Rated::at("gift_wrap", Rate::percent("19").unwrap(), "DE"));
    /// let assessment: Assessment = taxes.into();
    /// # let _ = assessment;
    /// ```
    #[must_use]
    pub const fn new(rounding: RoundingRule) -> Self {
        Self {
            lines: Vec::new(),
            options: Vec::new(),
            fees: Vec::new(),
            rounding,
        }
    }
}

impl Rated {
    /// Creates the rates of a line, option or fee, one for each jurisdiction.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let rates = ["6", "1.25"].map(|rate| Rate::percent(rate).unwrap());
    /// let rated = Rated::new("line_1", vec![TaxRate::new("US-CA", rates[0]), TaxRate::new("US-CA-SF", rates[1])]);
    /// assert_eq!(rated.rates.len(), 2);
    /// ```
    #[must_use]
    pub fn new(id: impl Into<String>, rates: Vec<TaxRate>) -> Self {
        Self {
            id: id.into(),
            rates,
            exempt: None,
        }
    }

    /// Creates the rate of a line, option or fee that one jurisdiction taxes.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Rated::at("line_1", Rate::percent("19").unwrap(), "DE").rates[0].rate, 190_000);
    /// ```
    #[must_use]
    pub fn at(id: impl Into<String>, rate: Rate, jurisdiction: impl Into<String>) -> Self {
        Self::new(id, vec![TaxRate::new(jurisdiction, rate)])
    }
}

impl TaxRate {
    /// Creates the rate of a jurisdiction, such as `US-CA` or `DE`.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(TaxRate::new("DE", Rate::percent("7").unwrap()).rate, 70_000);
    /// ```
    #[must_use]
    pub fn new(jurisdiction: impl Into<String>, rate: Rate) -> Self {
        Self {
            jurisdiction: jurisdiction.into(),
            rate: rate.ppm(),
        }
    }
}

impl Assessed {
    /// Creates the tax of one rate on an amount without tax, rounded half up, with its jurisdiction.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let tax = Assessed::at("line_1", Amount::new(1000)?, Rate::percent("7.25").unwrap(), "US-CA")?;
    /// assert_eq!((tax.amount, tax.parts[0].amount), (73, 73));
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// [`OutOfRange`] if the tax exceeds 2^53 - 1.
    pub fn at(id: impl Into<String>, base: Amount, rate: Rate, jurisdiction: &str) -> Result<Self, OutOfRange> {
        Ok(Self::of(id, base.at(rate)?, rate, jurisdiction))
    }

    /// Creates the tax of one rate in an amount that includes it, rounded half up, with its jurisdiction.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let tax = Assessed::within("line_1", Amount::new(2997)?, Rate::percent("19").unwrap(), "DE")?;
    /// assert_eq!(tax.amount, 479, "2997 × 19 / 119");
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// [`OutOfRange`] if the tax exceeds 2^53 - 1.
    pub fn within(id: impl Into<String>, gross: Amount, rate: Rate, jurisdiction: &str) -> Result<Self, OutOfRange> {
        let tax = gross.tax_within(rate, Rounding::HalfUp)?;
        Ok(Self::of(id, tax, rate, jurisdiction))
    }

    fn of(id: impl Into<String>, tax: Amount, rate: Rate, jurisdiction: &str) -> Self {
        let amount = tax.minor();
        Self {
            id: id.into(),
            amount,
            parts: vec![TaxPart {
                jurisdiction: jurisdiction.into(),
                rate: rate.ppm(),
                amount,
            }],
            exempt: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_without_an_address_goes_where_the_cart_goes() {
        let address = |country: &str| Address::new("1 Main St", "Town", country);
        let office = Destination {
            group: Some("office".into()),
            address: address("FR"),
        };
        let request = Request {
            destinations: vec![office, address("DE").into()],
            ..Request::default()
        };
        let country = |group| request.destination(group).map(|address| address.country.as_str());
        assert_eq!(country(Some("office")), Some("FR"));
        assert_eq!(country(Some("home")), Some("DE"));
        assert_eq!(country(None), Some("DE"));
        assert_eq!(Request::default().destination(None), None);
    }
}
