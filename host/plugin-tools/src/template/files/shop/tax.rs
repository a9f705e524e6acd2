//! Taxes: one rate per region, on goods, shipping and fees. The host computes the amounts.

use tillhouse_plugin::prelude::*;

use crate::Shop;

impl Tax for Shop {
    /// Assesses lines, options and fees; omitted ones have no tax. The plugin chooses the rounding:
    /// here once for the whole cart, so that it does not matter how the cart is split into lines.
    fn assess(
        _ctx: Context,
        request: tillhouse_plugin::tax::Request,
    ) -> Result<Assessment, Failure> {
        let mut taxes = RatedTaxes::new(RoundingRule::per_cart(Rounding::HalfUp));
        for line in &request.lines {
            let to = request.destination_of(line);
            taxes.lines.extend(rated(line.line.as_str(), to)?);
        }
        for option in &request.options {
            let to = request.destination(option.group.as_deref());
            taxes.options.extend(rated(option.id.as_str(), to)?);
        }
        for fee in &request.fees {
            let to = request.destination(None);
            taxes.fees.extend(rated(fee.id.as_str(), to)?);
        }
        Ok(taxes.into())
    }
}

/// Returns the rate of the region that something goes to; `None` if it is not taxed there.
fn rated(id: &str, to: Option<&Address>) -> Result<Option<Rated>, Failure> {
    let Some(to) = to else {
        return Ok(None);
    };
    let region = format!("{}-{}", to.country, to.region);
    let rate = config::rate(&format!("tax.{region}"))?;
    Ok(rate.map(|rate| Rated::at(id, rate, region)))
}

#[cfg(test)]
mod tests {
    use tillhouse_plugin::tax::Taxes;

    use super::*;

    fn rates(region: &str) -> RatedTaxes {
        let _host = testing::Host::new().config("tax.US-CA", "7.25").install();
        let line = testing::line_amount("line_1", "tee", 1, 100_00);
        let request = tillhouse_plugin::tax::Request {
            destinations: vec![testing::address("US", region).into()],
            ..testing::tax_request(vec![line])
        };
        let answer = <Shop as Tax>::assess(testing::context("USD"), request).unwrap();
        match answer.taxes {
            Taxes::Rates(taxes) => taxes,
            Taxes::Amounts(amounts) => panic!("{amounts:?}"),
        }
    }

    #[test]
    fn a_line_has_the_rate_of_the_region_that_it_goes_to() {
        let rated = &rates("CA").lines[0];
        assert_eq!(rated.rates[0].rate, 72_500);
        assert_eq!(rated.rates[0].jurisdiction, "US-CA");
    }

    #[test]
    fn a_region_without_a_rate_has_no_tax() {
        assert!(rates("OR").lines.is_empty());
    }
}
