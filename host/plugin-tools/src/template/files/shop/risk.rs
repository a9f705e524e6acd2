//! Risk: large orders are reviewed, and larger ones refused.

use tillhouse_plugin::prelude::*;

use crate::Shop;

impl Risk for Shop {
    /// Assesses an order before the card is used. The reason is for the operator; a buyer whose
    /// order is blocked sees a declined payment.
    fn assess(
        _ctx: Context,
        request: tillhouse_plugin::risk::Request,
    ) -> Result<Decision, Failure> {
        let total = Amount::new(request.total)?;
        if total > config::amount_or("block-over", Amount::MAX)? {
            return Ok(Decision::Block("the order is too large".into()));
        }
        if total > config::amount_or("review-over", Amount::MAX)? {
            return Ok(Decision::Review("the order is large".into()));
        }
        Ok(Decision::Allow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assess(total: i64) -> Result<Decision, Failure> {
        let host = testing::Host::new().config("review-over", "50000");
        let _host = host.config("block-over", "100000").install();
        let request = tillhouse_plugin::risk::Request {
            cart: testing::cart(&[("tee", 1)]),
            total,
            ..Default::default()
        };
        <Shop as Risk>::assess(testing::context("USD"), request)
    }

    #[test]
    fn an_order_is_assessed_by_its_total() {
        assert_eq!(assess(500_00), Ok(Decision::Allow));
        assert!(matches!(assess(500_01), Ok(Decision::Review(_))));
        assert!(matches!(assess(1_000_01), Ok(Decision::Block(_))));
    }
}
