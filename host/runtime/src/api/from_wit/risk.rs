//! Decisions about the risk of an order.

use crate::api::bindings::exports::tillhouse::merchant::risk::Decision;
use crate::api::check;
use tillhouse_checkout::decision::RiskDecision;

pub(crate) fn risk_decision(decision: Decision) -> Result<RiskDecision, String> {
    Ok(match decision {
        Decision::Allow => RiskDecision::Allow,
        Decision::Review(reason) => RiskDecision::Review(check::text("review", reason, check::TEXT)?),
        Decision::Challenge(reason) => RiskDecision::Challenge(check::text("challenge", reason, check::TEXT)?),
        Decision::Block(reason) => RiskDecision::Block(check::text("block", reason, check::TEXT)?),
    })
}
