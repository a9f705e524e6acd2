//! Checkout sessions that end without an order: why, in the log.

use tillhouse_plugin::prelude::*;
use tillhouse_plugin::sessions::End;

use crate::Shop;

impl Sessions for Shop {
    /// Learns that a session ended. Each end is delivered at least once.
    fn ended(_ctx: Context, _op: Operation, end: End) -> Result<(), Failure> {
        let reason = end.reason.unwrap_or("unknown".into());
        let lines = end.cart.lines.len().to_string();
        let fields = [
            ("how".into(), end.how),
            ("reason".into(), reason),
            ("lines".into(), lines),
        ];
        log::info("session ended without an order", &fields);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_logged_if_the_agent_gives_one() {
        let host = testing::Host::new().install();
        let end = End {
            reason: Some("shipping_cost".into()),
            ..End::new("canceled", testing::cart(&[("tee", 1)]))
        };
        Shop::ended(testing::context("USD"), testing::operation("1"), end).unwrap();
        assert!(host.lines()[0].contains("shipping_cost"));
    }
}
