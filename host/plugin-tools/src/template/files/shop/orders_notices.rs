//! Changes of orders that the merchant's own system reports.
//!
//! This template rejects all of them: a notice without a signature that only that system can
//! create may be forged. `plugins/sandbox-processor` of Tillhouse verifies an HMAC; copy it from
//! there, and answer `Reading::of` with an `OrderChange` for each change.

use tillhouse_plugin::prelude::*;

use crate::Shop;

impl OrdersNotices for Shop {
    fn read(notice: Notice) -> Result<tillhouse_plugin::orders::Reading, Failure> {
        let fields = [("bytes".into(), notice.body.len().to_string())];
        log::warn("rejecting notice: no signature check", &fields);
        let about = Subject::session();
        let text = "notices about orders are not supported";
        Err(Failure::rejected("invalid", about, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_that_cannot_be_verified_is_refused() {
        let _host = testing::Host::new().install();
        let read = <Shop as OrdersNotices>::read(testing::notice(&[], "{}"));
        assert!(matches!(read, Err(Failure::Rejected(_))));
    }
}
