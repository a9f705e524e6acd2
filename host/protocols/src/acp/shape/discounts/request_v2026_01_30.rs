//! Discount codes (schema `DiscountsRequest`).

use serde::Deserialize;

use crate::fields::{Code, Nullable};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Discounts {
    #[serde(default)]
    codes: Nullable<Vec<Code>>,
}

/// The discount codes of a request; `None` if it leaves them as they are. `coupons` is the deprecated name: `discounts.codes` takes
/// precedence.
pub(crate) fn codes(discounts: Nullable<Discounts>, coupons: Nullable<Vec<Code>>) -> Option<Vec<String>> {
    let codes = match discounts {
        Nullable::Null => Nullable::Null,
        Nullable::Absent => Nullable::Absent,
        Nullable::Given(discounts) => discounts.codes,
    };
    let codes = codes.into_list().or_else(|| coupons.into_list())?;
    Some(codes.into_iter().map(|code| code.0).collect())
}
