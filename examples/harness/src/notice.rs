//! Notices of other systems: arguments of the functions that read them.

use tillhouse_plugin::types::Notice;

/// A notice with these headers and this raw body.
pub(crate) fn notice(headers: &[(&str, &str)], body: Vec<u8>) -> Notice {
    let header = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Notice {
        headers: headers.iter().map(header).collect(),
        body,
    }
}
