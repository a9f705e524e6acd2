//! Processor events (webhooks of the payment processor).
//!
//! This template rejects all of them: an event without a signature that only the processor can
//! create may be forged. `plugins/sandbox-processor` of Tillhouse verifies an HMAC; copy it from
//! there.

use tillhouse_plugin::prelude::*;

use crate::Shop;

impl PaymentsNotices for Shop {
    fn read(notice: Notice) -> Result<tillhouse_plugin::payments::Reading, Failure> {
        let fields = [("bytes".into(), notice.body.len().to_string())];
        log::warn("rejecting processor event: no signature check", &fields);
        let about = Subject::session();
        let text = "processor events are not supported";
        Err(Failure::rejected("invalid", about, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_that_cannot_be_verified_is_refused() {
        let _host = testing::Host::new().install();
        let read = <Shop as PaymentsNotices>::read(testing::notice(&[], "{}"));
        assert!(matches!(read, Err(Failure::Rejected(_))));
    }
}
