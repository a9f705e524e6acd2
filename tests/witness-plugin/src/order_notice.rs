//! Notices of a merchant's system that writes one change on each line: `ID ORDER PARCEL STATUS LINE:QUANTITY …` of a parcel, or
//! `ID ORDER STATUS` of the order. The header `witness-signature` must be the key `notice-key` of the configuration.

use tillhouse_plugin::orders::{Fulfillment, LineUnits, OrderChange, Reading};
use tillhouse_plugin::prelude::*;

use crate::Witness;

impl OrdersNotices for Witness {
    fn read(notice: Notice) -> Result<Reading, Failure> {
        let key = config::get("notice-key");
        if key.is_none() || notice.header("witness-signature") != key.as_deref() {
            return Err(Failure::forged("The notice has no valid signature."));
        }
        let text = String::from_utf8_lossy(&notice.body).into_owned();
        let changes: Option<Vec<OrderChange>> = text.lines().map(change).collect();
        Ok(Reading {
            reply: Some(Reply::text("[accepted]")),
            ..Reading::of(changes.ok_or(Failure::Unsupported)?)
        })
    }
}

fn change(line: &str) -> Option<OrderChange> {
    let mut words = line.split(' ');
    let (id, order, third) = (words.next()?, words.next()?, words.next()?);
    let Some(status) = words.next() else {
        return Some(OrderChange::status(id, order, third));
    };
    let parcel = Fulfillment {
        lines: words.map(units).collect::<Option<_>>()?,
        ..Fulfillment::new(third, "shipping", status, clock::now())
    };
    Some(OrderChange::fulfilled(id, order, parcel))
}

fn units(text: &str) -> Option<LineUnits> {
    let (line, quantity) = text.split_once(':')?;
    Some(LineUnits {
        line: line.into(),
        quantity: quantity.parse().ok()?,
    })
}
