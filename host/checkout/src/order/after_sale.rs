//! What a change after the sale was about, for those who are told of single steps and not of whole orders.

use super::Order;
use super::adjusting::{CANCELLATION, takes_units};
use super::fulfilling::Stage;
use super::status::OrderStatus;
use crate::decision::Adjustment;

/// A step of an order after the sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterSale {
    /// Units have left the merchant, or something is new of a parcel that is under way.
    Shipped,
    /// Units have reached the buyer.
    Delivered,
    /// Money of the payment has gone back.
    Refunded,
    /// Units will not be delivered.
    Canceled,
}

impl Order {
    /// The step that this order is further than an earlier revision of it. `None` if the change was none of these: a confirmation
    /// number, a parcel that is being prepared or has failed, a refund that is not completed.
    #[must_use]
    pub fn step_since(&self, before: &Self) -> Option<AfterSale> {
        if self.canceled_since(before) {
            return Some(AfterSale::Canceled);
        }
        if self.refunded().amount > before.refunded().amount {
            return Some(AfterSale::Refunded);
        }
        self.parcels_since(before).or_else(|| self.status_since(before))
    }

    fn canceled_since(&self, before: &Self) -> bool {
        let cancels = |it: &&Adjustment| it.kind == CANCELLATION && takes_units(it);
        let known = |it: &Adjustment| before.progress.adjustments.iter().find(|known| known.id == it.id);
        let mut now = self.progress.adjustments.iter().filter(cancels);
        now.any(|it| known(it).filter(cancels).is_none_or(|known| known.lines != it.lines))
    }

    /// The step of the parcels, pickups and downloads that have changed.
    fn parcels_since(&self, before: &Self) -> Option<AfterSale> {
        let changed = self.progress.fulfillments.iter();
        let changed = changed.filter(|it| !before.progress.fulfillments.contains(it));
        match changed.map(|it| Stage::of(&it.status)).max()? {
            Stage::Delivered => Some(AfterSale::Delivered),
            Stage::Dispatched => Some(AfterSale::Shipped),
            Stage::Ended | Stage::Prepared => None,
        }
    }

    /// The merchant's own system may say how far the order is without naming parcels.
    fn status_since(&self, before: &Self) -> Option<AfterSale> {
        let (status, earlier) = (self.status(), before.status());
        match status {
            _ if status == earlier => None,
            OrderStatus::Shipped => Some(AfterSale::Shipped),
            OrderStatus::Completed => Some(AfterSale::Delivered),
            OrderStatus::Canceled => Some(AfterSale::Canceled),
            OrderStatus::ManualReview | OrderStatus::Confirmed | OrderStatus::Processing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{adjustment, after, delivered, parcel};
    use super::super::{Confirmation, OrderChangeKind};
    use super::*;

    /// The step that the last of these changes is.
    fn step(changes: &[OrderChangeKind]) -> Option<AfterSale> {
        let (_, earlier) = changes.split_last().unwrap();
        after(changes.to_vec()).step_since(&after(earlier.to_vec()))
    }

    fn stated(status: OrderStatus) -> OrderChangeKind {
        OrderChangeKind::Status(status)
    }

    #[test]
    fn parcels_are_shipped_and_delivered() {
        let sent = || parcel("p1", "shipped", &[("a", 1)]);
        assert_eq!(step(&[sent()]), Some(AfterSale::Shipped));
        let under_way = parcel("p1", "out_for_delivery", &[]);
        assert_eq!(step(&[sent(), under_way]), Some(AfterSale::Shipped));
        assert_eq!(step(&[sent(), delivered(&["p1"])]), Some(AfterSale::Delivered));
        let packed = || parcel("p1", "processing", &[("a", 1)]);
        assert_eq!(step(&[packed()]), None);
        assert_eq!(
            step(&[sent(), packed_again()]),
            None,
            "another parcel is only being prepared"
        );
        assert_eq!(step(&[sent(), parcel("p1", "returned_to_sender", &[])]), None);
    }

    fn packed_again() -> OrderChangeKind {
        parcel("p2", "processing", &[("b", 1)])
    }

    #[test]
    fn money_goes_back_when_the_refund_is_completed() {
        let refund = |status| adjustment("r1", "refund", status, &[], Some(500));
        assert_eq!(step(&[refund("pending")]), None);
        assert_eq!(
            step(&[refund("pending"), refund("completed")]),
            Some(AfterSale::Refunded)
        );
        assert_eq!(step(&[refund("failed")]), None);
        let disputed = adjustment("d1", "dispute", "completed", &[], Some(500));
        assert_eq!(
            step(&[disputed]),
            None,
            "a bank takes it back, the merchant does not return it"
        );
        let sent = parcel("p1", "shipped", &[("a", 1)]);
        let came_back = adjustment("x1", "return", "completed", &[("a", 1)], Some(900));
        assert_eq!(step(&[sent, came_back]), Some(AfterSale::Refunded));
    }

    #[test]
    fn units_are_canceled_once() {
        let cancellation = |status, amount| adjustment("c1", "cancellation", status, &[("a", 1)], amount);
        assert_eq!(step(&[cancellation("pending", None)]), Some(AfterSale::Canceled));
        let paid_back = [cancellation("pending", None), cancellation("completed", Some(1000))];
        assert_eq!(step(&paid_back), Some(AfterSale::Refunded));
        assert_eq!(step(&[stated(OrderStatus::Canceled)]), Some(AfterSale::Canceled));
    }

    #[test]
    fn the_merchants_own_system_may_say_how_far_the_order_is() {
        assert_eq!(step(&[stated(OrderStatus::Shipped)]), Some(AfterSale::Shipped));
        assert_eq!(step(&[stated(OrderStatus::Completed)]), Some(AfterSale::Delivered));
        assert_eq!(step(&[stated(OrderStatus::Processing)]), None);
        let confirmed = OrderChangeKind::Confirmed(Confirmation::default());
        assert_eq!(step(&[confirmed]), None);
    }
}
