//! Sessions that ended without an order.

use super::cart::cart;
use super::orders::attribution;
use crate::api::bindings::exports::tillhouse::merchant::sessions as wit;
use tillhouse_checkout::decision::SessionEnd;

pub(crate) fn session_end(end: &SessionEnd) -> wit::End {
    let trace = end.trace.as_ref();
    wit::End {
        how: end.how.clone(),
        cart: cart(&end.cart),
        reason: trace.map(|trace| trace.reason.clone()),
        summary: trace.and_then(|trace| trace.summary.clone()),
        metadata: trace.map(|trace| trace.metadata.clone()).unwrap_or_default(),
        attributions: end.attributions.iter().map(attribution).collect(),
        extensions: Vec::new(),
    }
}
