//! Orders: their ids, and the pages where buyers find them.

use tillhouse_plugin::orders::Event;
use tillhouse_plugin::prelude::*;

use crate::Shop;

impl Orders for Shop {
    /// Assigns an id before payment. Derived from the operation, so that retries get the same id.
    fn identify(_ctx: Context, op: Operation, _draft: Draft) -> Result<Identity, Failure> {
        let id = format!("ord_{}", op.id);
        let page = config::get("order-page").unwrap_or("https://shop.example/orders".into());
        let permalink = format!("{page}/{id}");
        Ok(Identity::new(id, permalink))
    }

    /// Receives an order event. Each event is delivered at least once.
    fn notify(_ctx: Context, _op: Operation, event: Event) -> Result<(), Failure> {
        let fields = [("order".into(), event.order), ("kind".into(), event.kind)];
        log::info("order", &fields);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identify(op: &str) -> Identity {
        let page = "https://shop.example/o";
        let _host = testing::Host::new().config("order-page", page).install();
        let total = Money::new(Amount::ZERO, "USD");
        let draft = testing::draft(testing::cart(&[("tee", 1)]), total);
        Shop::identify(testing::context("USD"), testing::operation(op), draft).unwrap()
    }

    #[test]
    fn an_operation_has_one_order() {
        assert_eq!(identify("1"), identify("1"));
        assert_ne!(identify("1").id, identify("2").id);
        assert_eq!(identify("1").permalink, "https://shop.example/o/ord_1");
    }
}
