//! The items that may not be as they were uploaded.

use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::feed::FeedTransport;
use tillhouse_checkout::ids::ItemId;

use super::position::Position;
use super::sale_times::SaleTimes;
use super::{IncrementError, Increments};
use crate::counted::Counters;
use crate::destination::Destination;

/// Counters and changes that are read at once.
const PAGE: usize = 500;

/// Most items that are compared at once. What is above is compared the next time.
const MOST: usize = 50_000;

impl Increments {
    /// Makes what may have changed pending, and moves the position behind it.
    pub(super) async fn find_candidates(
        &self,
        destination: &Destination,
        position: &mut Position,
        version: CatalogVersion,
    ) -> Result<(), IncrementError> {
        position.pending.extend(position.forced.iter().cloned());
        self.sold(destination, position).await?;
        self.imported(destination, position, version).await?;
        if destination.transport.kind() == FeedTransport::AcpFeed {
            self.repriced(destination, position, version).await?;
        }
        Ok(())
    }

    /// Items whose counter has changed.
    async fn sold(&self, destination: &Destination, position: &mut Position) -> Result<(), IncrementError> {
        let parts = self.service.parts();
        let Some(mut counters) = Counters::of(parts, &destination.merchant, position.mark) else {
            return Ok(());
        };
        while position.pending.len() < MOST {
            let Some(page) = counters.next(parts, PAGE).await? else {
                break;
            };
            position.pending.extend(page);
            position.mark = counters.mark;
        }
        Ok(())
    }

    /// Items that are others in the version in force.
    async fn imported(
        &self,
        destination: &Destination,
        position: &mut Position,
        version: CatalogVersion,
    ) -> Result<(), IncrementError> {
        let is_acp = destination.transport.kind() == FeedTransport::AcpFeed;
        let catalogs = &self.service.parts().catalogs;
        while position.version < version && position.pending.len() < MOST {
            let between = (position.version, version);
            let after = position.changed.as_ref();
            let changes = catalogs
                .catalog_changes(&destination.merchant, between, after, PAGE)
                .await?;
            let Some(last) = changes.last().map(|change| change.id.clone()) else {
                (position.version, position.changed) = (version, None);
                break;
            };
            let ids = changes.into_iter().map(|change| change.id);
            let ids: Vec<ItemId> = ids.collect();
            if is_acp {
                // A product is sent as a whole: whatever of it is another, it is sent.
                position.forced.extend(ids.iter().cloned());
            }
            position.pending.extend(ids);
            position.changed = Some(last);
        }
        Ok(())
    }

    /// Items whose sale has begun or ended.
    async fn repriced(
        &self,
        destination: &Destination,
        position: &mut Position,
        version: CatalogVersion,
    ) -> Result<(), IncrementError> {
        let parts = self.service.parts();
        let now = parts.now();
        let known = position.sales.take().filter(|sales| sales.covers(version, now));
        let sales = match known {
            Some(known) => known,
            None => SaleTimes::read(parts, &destination.merchant, version, position.time, now).await?,
        };
        let begun_or_ended: Vec<ItemId> = sales.between(position.time, now).cloned().collect();
        position.forced.extend(begun_or_ended.iter().cloned());
        position.pending.extend(begun_or_ended);
        (position.time, position.sales) = (now, Some(sales));
        Ok(())
    }
}
