//! What operators ask about discrepancies: everything that was found and kept, also what is about none of our attempts.

use serde::{Deserialize, Serialize};

use super::{Operator, OperatorError, OperatorRequest};
use tillhouse_checkout::discrepancy::Discrepancy;
use tillhouse_checkout::ids::MerchantId;

/// Maximum number of discrepancies that are read.
pub(super) const MAX_DISCREPANCIES: usize = 100_000;

/// `attempts discrepancies`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ListDiscrepancies {
    /// Only those of this merchant.
    pub merchant: Option<MerchantId>,
}

/// The discrepancies that were asked for, oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct DiscrepancyList {
    /// All that were found.
    #[serde(rename = "breaks")]
    pub discrepancies: Vec<Discrepancy>,
}

impl OperatorRequest for ListDiscrepancies {
    const NAME: &'static str = "attempts/discrepancies";
    type Answer = DiscrepancyList;

    async fn answer(self, operator: &Operator) -> Result<DiscrepancyList, OperatorError> {
        let mut discrepancies = operator.store().list_discrepancies(MAX_DISCREPANCIES).await?;
        let is_asked_for = |found: &Discrepancy| {
            self.merchant
                .as_ref()
                .is_none_or(|merchant| found.merchant == *merchant)
        };
        discrepancies.retain(is_asked_for);
        Ok(DiscrepancyList { discrepancies })
    }
}
