//! A link to a page of the merchant (`AcpLink`).

use serde::Serialize;

use tillhouse_checkout::decision;

#[derive(Debug, Serialize)]
pub(crate) struct Link<'a> {
    r#type: &'a str,
    url: &'a str,
}

impl<'a> From<&'a decision::Link> for Link<'a> {
    /// The document has three types as examples. Only the terms have another name elsewhere.
    fn from(link: &'a decision::Link) -> Self {
        Self {
            r#type: match link.kind.as_str() {
                "terms_of_use" => "terms_of_service",
                other => other,
            },
            url: &link.url,
        }
    }
}
