//! The payment of a completion (`AcpPaymentData`).

use serde::Deserialize;

use super::address::Address;
use super::bounded_text::BoundedText;
use crate::fields::OpaqueToken;
use tillhouse_checkout::mask;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct PaymentData {
    pub(crate) provider: BoundedText<1, 256>,
    pub(crate) token: OpaqueToken,
    /// Where it is missing, the goods are billed to where they are sent.
    pub(crate) billing_address: Option<Address>,
}

/// Whether a token is a card number or has one in it, however its digits are grouped.
pub(crate) fn token_has_card_number(token: &str) -> bool {
    let is_shown = |text: &str| mask(text).contains("[card]");
    let joined: String = token.chars().filter(char::is_ascii_alphanumeric).collect();
    is_shown(token) || is_shown(&joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_is_found_however_it_is_written() {
        for token in [
            "4111111111111111",
            " 4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "4111.1111.1111.1111",
            "4111_1111_1111_1111",
            "4111  1111  1111  1111",
            "tok_4111/1111/1111/1111",
            "acp_tok_378282246310005",
        ] {
            assert!(token_has_card_number(token), "{token}");
        }
        for token in [
            "acp_tok_Ab1cDeF2GhI",
            "psp_tok_Ab7xQfN2YwR...",
            "4111111111111112",
            "vt_0123456789abcdef",
            "cs_01a22cfc3ee57221b1153e1d94ded388",
        ] {
            assert!(!token_has_card_number(token), "{token}");
        }
    }
}
