//! Taxes: one rate per region, on goods, shipping and fees.

use tillhouse_plugin::prelude::*;

use crate::Shop;

impl Tax for Shop {
    /// Assesses lines, options and fees; omitted ones have no tax. The plugin chooses the rounding.
    fn assess(
        _ctx: Context,
        request: tillhouse_plugin::tax::Request,
    ) -> Result<Assessment, Failure> {
        let Some(to) = &request.destination else {
            return Ok(Assessment::default());
        };
        let place = format!("{}-{}", to.country, to.region);
        let Some(rate) = config::rate(&format!("tax.{place}"))? else {
            return Ok(Assessment::default());
        };
        let at = |id: &str, base: i64| Assessed::at(id, Amount::new(base)?, rate, &place);
        let off = Amount::new(request.order_discount)?;
        let subtotals = request.lines.iter().map(|line| Amount::new(line.subtotal));
        let shares = off.spread(&subtotals.collect::<Result<Vec<_>, _>>()?)?;
        let mut answer = Assessment::default();
        for (line, share) in request.lines.iter().zip(shares) {
            answer
                .lines
                .push(at(&line.line, line.subtotal - share.minor())?);
        }
        for option in &request.options {
            answer.options.push(at(&option.id, option.price)?);
        }
        for fee in &request.fees {
            answer.fees.push(at(&fee.id, fee.amount)?);
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taxes(region: &str) -> Assessment {
        let _host = testing::Host::new().config("tax.US-CA", "7.25").install();
        let line = LineAmount {
            line: "line_1".into(),
            item: "tee".into(),
            quantity: 1,
            base: 110_00,
            discount: 0,
            subtotal: 110_00,
        };
        let request = tillhouse_plugin::tax::Request {
            lines: vec![line],
            order_discount: 10_00,
            options: vec![],
            fees: vec![],
            destination: Some(testing::address("US", region)),
            buyer: None,
            extensions: vec![],
        };
        <Shop as Tax>::assess(testing::context("USD"), request).unwrap()
    }

    #[test]
    fn a_line_is_taxed_after_its_share_of_the_discount() {
        assert_eq!(taxes("CA").lines[0].amount, 7_25);
    }

    #[test]
    fn a_region_without_a_rate_has_no_tax() {
        assert_eq!(taxes("OR"), Assessment::default());
    }
}
