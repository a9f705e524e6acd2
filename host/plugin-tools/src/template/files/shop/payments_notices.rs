//! Notices that the processor sends by itself.
//!
//! This one takes none: what is not signed with something that only the processor knows could be
//! from anybody. `plugins/sandbox-processor` of Tillhouse verifies an HMAC and may be copied.

use tillhouse_plugin::payments::{News, Notice};
use tillhouse_plugin::prelude::*;

use crate::Shop;

impl PaymentsNotices for Shop {
    fn read(notice: Notice) -> Result<Vec<News>, Failure> {
        let fields = [("bytes".into(), notice.body.len().to_string())];
        log::warn("a notice that nobody can verify", &fields);
        let about = Subject::session();
        Err(Failure::rejected("invalid", about, "notices are not taken"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_that_cannot_be_verified_is_refused() {
        let _host = testing::Host::new().install();
        let notice = Notice {
            headers: vec![],
            body: b"{}".to_vec(),
        };
        assert!(matches!(Shop::read(notice), Err(Failure::Rejected(_))));
    }
}
