//! Risk assessment: orders above a limit are reviewed or blocked.

use tillhouse_plugin::{
    config::Invalid,
    prelude::*,
    risk::{Request, Risk},
};

use crate::Shop;

impl Risk for Shop {
    fn assess(_ctx: Context, request: Request) -> Result<Decision, Failure> {
        let limit = config::amount_or("risk.max-order-total", Amount::MAX)?;
        if Amount::new(request.total)? <= limit {
            return Ok(Decision::Allow);
        }
        let reason = format!(
            "the total of {} exceeds risk.max-order-total ({}), in minor units",
            request.total,
            limit.minor()
        );
        Ok(if blocks()? {
            Decision::Block(reason)
        } else {
            Decision::Review(reason)
        })
    }
}

/// Whether orders above the limit are blocked: `risk.over-limit` is `block`, or `review` by default.
pub(crate) fn blocks() -> Result<bool, Invalid> {
    match config::get("risk.over-limit").as_deref() {
        None | Some("review") => Ok(false),
        Some("block") => Ok(true),
        Some(other) => Err(Invalid::new(
            "risk.over-limit",
            format!("expected review or block, got `{other}`"),
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn assess(total: i64) -> Decision {
        let request = Request {
            total,
            ..Request::default()
        };
        <Shop as Risk>::assess(testing::context("USD"), request).unwrap()
    }

    #[test]
    fn an_order_above_the_limit_is_reviewed_or_blocked_as_configured() {
        let host = testing::Host::new().install();
        assert_eq!(assess(1_000_000), Decision::Allow);
        host.set_config("risk.max-order-total", "50000");
        assert_eq!(assess(50_000), Decision::Allow);
        assert!(matches!(assess(50_001), Decision::Review(reason) if reason.contains("50001")));
        host.set_config("risk.over-limit", "block");
        assert!(matches!(assess(50_001), Decision::Block(_)));
    }
}
