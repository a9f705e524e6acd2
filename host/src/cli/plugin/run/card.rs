//! Test cards, in place of the card behind a buyer's token. None is a real card.

use tillhouse_sandbox::card::{TEST_CARDS, TestCard};

use tillhouse_checkout::credential::{CardDisplay, Credential};
use tillhouse_checkout::secret::Secret;

/// Prefix of the payment method names in the sandbox.
const PREFIX: &str = "pm_card_";

/// Validate the name of a test card.
pub(super) fn parse_name(name: &str) -> Result<String, String> {
    match find(name) {
        Some(_) => Ok(name.to_owned()),
        None => {
            let names = TEST_CARDS
                .iter()
                .map(|card| card.payment_method.trim_start_matches(PREFIX));
            Err(format!(
                "unknown test card; expected one of: {}",
                names.collect::<Vec<_>>().join(", ")
            ))
        }
    }
}

/// The test card as the credential of a charge.
pub(super) fn credential(name: &str) -> Option<Credential> {
    let card = find(name)?;
    let last4 = card.number.get(card.number.len().saturating_sub(4)..);
    let slot = |slot: &'static str, value: &str| (slot, Secret::new(value.to_owned()));
    Some(Credential {
        kind: card.credential.as_str().to_owned(),
        display: CardDisplay {
            brand: Some(
                if card.number.starts_with('5') {
                    "mastercard"
                } else {
                    "visa"
                }
                .to_owned(),
            ),
            last4: last4.map(str::to_owned),
            funding: Some("credit".to_owned()),
            country: Some("US".to_owned()),
            exp_month: Some(12),
            exp_year: Some(2039),
            fingerprint: None,
            iin: card.number.get(..6).map(str::to_owned),
            wallet: None,
        },
        slots: vec![
            slot("number", card.number),
            slot("exp-month", "12"),
            slot("exp-year", "2039"),
            slot("cryptogram", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            slot("cryptogram-type", "network_token"),
            slot("eci", "05"),
        ],
    })
}

fn find(name: &str) -> Option<&'static TestCard> {
    let full = format!("{PREFIX}{}", name.trim_start_matches(PREFIX));
    TestCard::by_payment_method(&full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_found_by_its_short_name_and_its_whole_one() {
        for name in ["visa", "pm_card_visa"] {
            let number = credential(name).unwrap();
            assert_eq!(number.slot("number").map(Secret::reveal), Some("4242424242424242"));
        }
        assert!(parse_name("gold").unwrap_err().contains("insufficientFunds"));
    }
}
