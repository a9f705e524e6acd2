//! What an import changes of the service of a merchant.

use super::super::Served;
use super::super::merchant_state::{MerchantState, ServedMerchant};
use super::CatalogState;
use tillhouse_payments::operator::problem::Problem;

impl Served {
    /// Note what became of a file, and put the merchant into service if its catalog was what kept it out. Plugins read whichever
    /// version is in force, and are not replaced. Returns why the merchant is still out of service.
    pub(super) async fn put_into_service(
        &self,
        merchant: &ServedMerchant,
        change: impl FnOnce(&mut CatalogState),
    ) -> Vec<Problem> {
        let _one = merchant.change.lock().await;
        let mut next = MerchantState::clone(&merchant.state());
        change(&mut next.catalog);
        if self.parts.outages.get(&merchant.id).is_none() {
            merchant.set(next);
            return Vec::new();
        }
        match self.prepare(&merchant.id, &next).await {
            Ok(prepared) => {
                self.activate(merchant, next, prepared);
            }
            Err(error) => {
                self.take_out(&merchant.id, error.into_outage(&merchant.id));
                merchant.set(next);
            }
        }
        let outage = self.parts.outages.get(&merchant.id);
        outage
            .iter()
            .flat_map(|outage| &outage.details)
            .map(Problem::of)
            .collect()
    }

    /// Note what became of a file that is not in force.
    pub(super) async fn keep(&self, merchant: &ServedMerchant, change: impl FnOnce(&mut CatalogState)) {
        let _one = merchant.change.lock().await;
        let mut next = MerchantState::clone(&merchant.state());
        change(&mut next.catalog);
        if let Err(outage) = next.plugins(&merchant.id) {
            self.parts.outages.begin(merchant.id.clone(), outage);
        }
        merchant.set(next);
    }
}
