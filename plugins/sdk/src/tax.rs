//! Taxes on lines, fulfillment options and fees.

pub use crate::bindings::{
    tax::exports::tillhouse::merchant::tax::{Assessed, Assessment, Part, Request, TaxableFee, TaxableOption},
    tillhouse::merchant::types::{Context, Failure},
};
use crate::{
    amount::{Amount, OutOfRange},
    bindings::tax::exports::tillhouse::merchant::tax,
    export::Adapter,
    rate::Rate,
};

/// Assesses taxes. Capability `tax`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::tax::Request;
///
/// /// One rate on all lines, levied by one jurisdiction.
/// struct Vat;
///
/// impl Tax for Vat {
///     fn assess(_ctx: Context, request: Request) -> Result<Assessment, Failure> {
///         let (Some(_), Some(rate)) = (&request.destination, config::rate("vat")?) else {
///             return Ok(Assessment::default());
///         };
///         let mut assessment = Assessment::default();
///         for (line, base) in request.lines.iter().zip(request.bases()?) {
///             assessment.lines.push(Assessed::at(line.line.as_str(), base, rate, "DE")?);
///         }
///         Ok(assessment)
///     }
/// }
/// # let _ = Vat::assess;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `tax` and does not implement `Tax`",
    note = "implement `Tax` for `{Self}`, or leave `tax` out of `export!`"
)]
pub trait Tax {
    /// Assesses the tax of lines, options and fees; an omitted one has no tax. Has no side effects.
    ///
    /// The plugin chooses the rounding.
    ///
    /// May use `log`, `config`, `catalog`, `clock`.
    /// Limits: 50 ms of CPU, 2 s in all, 32 MiB of memory, no HTTP.
    ///
    /// # Errors
    /// A [`Failure`]. Without a destination, return zero tax instead of a failure.
    fn assess(ctx: Context, request: Request) -> Result<Assessment, Failure>;
}

impl<T: Tax> tax::Guest for Adapter<T> {
    fn assess(ctx: Context, request: Request) -> Result<Assessment, Failure> {
        T::assess(ctx, request)
    }
}

#[allow(clippy::derivable_impls, reason = "the type is generated")]
impl Default for Assessment {
    fn default() -> Self {
        Self {
            lines: Vec::new(),
            options: Vec::new(),
            fees: Vec::new(),
            messages: Vec::new(),
        }
    }
}

impl Request {
    /// Returns the taxable base of each line: its subtotal less its share of the order discount.
    ///
    /// The discount is allocated in proportion to the subtotals, so that no base is negative while the discount is at most
    /// their sum.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// use tillhouse_plugin::tax::Request;
    ///
    /// let line = |id: &str, subtotal| LineAmount {
    ///     line: id.into(),
    ///     item: "tee".into(),
    ///     quantity: 1,
    ///     base: subtotal,
    ///     discount: 0,
    ///     subtotal,
    /// };
    /// let request = Request {
    ///     lines: vec![line("line_1", 2000), line("line_2", 1000)],
    ///     order_discount: 1000,
    ///     options: vec![],
    ///     fees: vec![],
    ///     destination: None,
    ///     buyer: None,
    ///     extensions: vec![],
    /// };
    /// let bases: Vec<i64> = request.bases()?.iter().map(|base| base.minor()).collect();
    /// assert_eq!(bases, [1333, 667]);
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// [`OutOfRange`] if an amount or the sum exceeds 2^53 - 1.
    pub fn bases(&self) -> Result<Vec<Amount>, OutOfRange> {
        let subtotals = self.lines.iter().map(|line| Amount::new(line.subtotal));
        let subtotals = subtotals.collect::<Result<Vec<_>, _>>()?;
        let shares = Amount::new(self.order_discount)?.spread(&subtotals)?;
        let lines = subtotals.into_iter().zip(shares);
        lines
            .map(|(subtotal, share)| Ok(subtotal.minus(share)?.max(Amount::ZERO)))
            .collect()
    }
}

impl Assessed {
    /// Creates the tax of one rate on one base, rounded half up, with its jurisdiction.
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
        let amount = base.at(rate)?.minor();
        let parts = vec![Part {
            jurisdiction: jurisdiction.into(),
            rate: rate.ppm(),
            amount,
        }];
        Ok(Self {
            id: id.into(),
            amount,
            parts,
        })
    }
}
