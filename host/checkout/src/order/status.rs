//! The status of an order, derived from its units.

use serde::{Deserialize, Serialize};

use super::Order;
use super::fulfilling::Stage;

/// Status of an order: `Order.status` of ACP 2026-04-17. Earlier releases have other names for some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// The merchant has to review the order first.
    ManualReview,
    /// Paid and accepted: the first status of every order of this host.
    Confirmed,
    /// The order is being prepared.
    Processing,
    /// Everything has been shipped.
    Shipped,
    /// Everything has been delivered.
    Completed,
    /// Nothing of it will be delivered.
    Canceled,
}

impl OrderStatus {
    /// Every status, the first one first.
    pub const ALL: [Self; 6] = [
        Self::ManualReview,
        Self::Confirmed,
        Self::Processing,
        Self::Shipped,
        Self::Completed,
        Self::Canceled,
    ];

    /// The name in the contract: `manual_review`, `confirmed` …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ManualReview => "manual_review",
            Self::Confirmed => "confirmed",
            Self::Processing => "processing",
            Self::Shipped => "shipped",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
        }
    }

    /// The status with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

impl Order {
    /// The status, from what has become of its units; the merchant's own system may say that it is further.
    #[must_use]
    pub fn status(&self) -> OrderStatus {
        let stated = self.progress.stated;
        let lines = self.line_counts();
        let kept = || lines.iter().filter(|counts| counts.kept() > 0);
        let by_units = if !lines.is_empty() && kept().next().is_none() {
            return OrderStatus::Canceled;
        } else if kept().next().is_some() && kept().all(|counts| counts.delivered >= counts.kept()) {
            OrderStatus::Completed
        } else if kept().next().is_some() && kept().all(|counts| counts.dispatched >= counts.kept()) {
            OrderStatus::Shipped
        } else if self
            .progress
            .fulfillments
            .iter()
            .any(|it| Stage::of(&it.status) != Stage::Ended)
        {
            OrderStatus::Processing
        } else {
            return stated.unwrap_or(OrderStatus::Confirmed);
        };
        stated.map_or(by_units, |stated| stated.max(by_units))
    }
}
