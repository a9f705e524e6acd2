//! A card as an agent delegates it, and the checks that need no issuer.

use crate::credential::{CardDisplay, Credential};
use crate::mask::{mask, passes_luhn};
use crate::secret::Secret;
use crate::time::Timestamp;

/// Digits of a card number (ISO/IEC 7812).
const NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 12..=19;
/// Digits of the number of an issuer, in a card number.
const SHORTEST_IIN: usize = 6;
/// The longest cryptogram, holder name and so on, in bytes.
const LONGEST_TEXT: usize = 256;
/// A card is valid to the end of its month wherever the buyer is.
const TIME_ZONES: std::time::Duration = std::time::Duration::from_secs(12 * 3600);

/// What the number of a card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardNumberKind {
    /// The number on the card itself.
    Primary,
    /// A network token that stands for it.
    NetworkToken,
}

impl CardNumberKind {
    /// The kind of credential, as plugins know it.
    #[must_use]
    pub const fn credential_kind(self) -> &'static str {
        match self {
            Self::Primary => "fpan",
            Self::NetworkToken => "network_token",
        }
    }
}

/// Month and year of expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardExpiry {
    /// 1 for January to 12.
    pub month: u8,
    /// Four digits, such as 2030.
    pub year: u16,
}

/// A card, in memory only and wiped when it is dropped.
#[derive(Debug)]
pub struct DelegatedCard {
    /// What its number is.
    pub kind: CardNumberKind,
    /// Number of the card, or its network token.
    pub number: Secret,
    /// Last month in which it can be charged; `None` if the agent's side does not say.
    pub expiry: Option<CardExpiry>,
    /// Name on the card.
    pub holder: Option<Secret>,
    /// The three or four digits on the card.
    pub security_code: Option<Secret>,
    /// Cryptogram of a network token.
    pub cryptogram: Option<Secret>,
    /// Electronic commerce indicator, one or two digits.
    pub eci: Option<Secret>,
    /// What may be shown of it, as the agent says.
    pub display: CardDisplay,
}

/// A member of a card that cannot be charged. The message has nothing of the card.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct InvalidCard {
    /// Name of a member of the `payment_method`.
    pub field: &'static str,
    /// What is wrong, and what is expected.
    pub message: &'static str,
}

impl DelegatedCard {
    /// Check what can be checked without the issuer of the card.
    ///
    /// # Errors
    /// The first member that is wrong.
    pub fn check(&self, now: Timestamp) -> Result<(), InvalidCard> {
        let number = self.number.reveal();
        require(
            "number",
            NUMBER_DIGITS.contains(&number.len()) && is_digits(number),
            "must be 12 to 19 digits, without spaces",
        )?;
        let digits: Vec<u8> = number.bytes().map(|byte| byte - b'0').collect();
        require(
            "number",
            passes_luhn(&digits),
            "is not a card number: its check digit is wrong",
        )?;
        self.check_expiry(now)?;
        let code = self.security_code.as_ref().map(Secret::reveal);
        require(
            "cvc",
            code.is_none_or(|code| (3..=4).contains(&code.len()) && is_digits(code)),
            "must be 3 or 4 digits",
        )?;
        let eci = self.eci.as_ref().map(Secret::reveal);
        require(
            "eci_value",
            eci.is_none_or(|eci| (1..=2).contains(&eci.len()) && is_digits(eci)),
            "must be 1 or 2 digits",
        )?;
        let cryptogram = self.cryptogram.as_ref().map(Secret::reveal);
        require(
            "cryptogram",
            cryptogram
                .is_none_or(|it| (1..=LONGEST_TEXT).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_graphic())),
            "must be 1 to 256 printable ASCII characters",
        )?;
        let holder = self.holder.as_ref().map(Secret::reveal);
        require(
            "name",
            holder.is_none_or(|name| (1..=LONGEST_TEXT).contains(&name.len()) && !has_card_number(name)),
            "must be 1 to 256 bytes, and have no card number",
        )?;
        self.check_display()
    }

    fn check_expiry(&self, now: Timestamp) -> Result<(), InvalidCard> {
        let Some(CardExpiry { month, year }) = self.expiry else {
            return Ok(());
        };
        require("exp_month", (1..=12).contains(&month), "must be 01 to 12")?;
        require("exp_year", (1000..=9999).contains(&year), "must have four digits")?;
        let today = now.before(TIME_ZONES).year_and_month();
        require("exp_year", year >= today.0, "the card has expired")?;
        require("exp_month", (year, month) >= today, "the card has expired")
    }

    /// What is shown must be of this card, as far as its number says. That of a network token says nothing of the card.
    fn check_display(&self) -> Result<(), InvalidCard> {
        let (number, display) = (self.number.reveal(), &self.display);
        let is_primary = self.kind == CardNumberKind::Primary;
        let last4 = display.last4.as_deref();
        require(
            "display_last4",
            last4.is_none_or(|last4| last4.len() == 4 && is_digits(last4)),
            "must be 4 digits",
        )?;
        require(
            "display_last4",
            !is_primary || last4.is_none_or(|last4| number.ends_with(last4)),
            "must be the last digits of the number",
        )?;
        let iin = display.iin.as_deref();
        require("iin", iin.is_none_or(is_digits), "must be digits")?;
        require(
            "iin",
            !is_primary || iin.is_none_or(|iin| number.starts_with(iin)),
            "must be the first digits of the number",
        )?;
        let shown = |text: &Option<String>| {
            text.as_deref()
                .is_none_or(|text| text.len() <= LONGEST_TEXT && !has_card_number(text))
        };
        let problem = "must not be longer than 256 bytes or have a card number";
        require("display_brand", shown(&display.brand), problem)?;
        require("display_wallet_type", shown(&display.wallet), problem)
    }

    /// What may be shown of it: what the agent says, and what follows from the number on the card.
    #[must_use]
    pub fn shown(&self) -> CardDisplay {
        let number = self.number.reveal();
        let of_number = |range: std::ops::Range<usize>| {
            let digits = number.get(range).filter(|_| self.kind == CardNumberKind::Primary);
            digits.map(str::to_owned)
        };
        let last = number.len().saturating_sub(4)..number.len();
        let display = self.display.clone();
        CardDisplay {
            brand: display.brand.map(|brand| brand.to_lowercase()),
            last4: display.last4.or_else(|| of_number(last)),
            iin: display.iin.or_else(|| of_number(0..SHORTEST_IIN)),
            exp_month: self.expiry.map(|expiry| expiry.month),
            exp_year: self.expiry.map(|expiry| expiry.year),
            ..display
        }
    }

    /// The credential of one charge.
    #[must_use]
    pub fn into_credential(self, display: CardDisplay) -> Credential {
        let mut slots = vec![("number", self.number)];
        if let Some(CardExpiry { month, year }) = self.expiry {
            slots.push(("exp-month", Secret::new(format!("{month:02}"))));
            slots.push(("exp-year", Secret::new(year.to_string())));
        }
        slots.extend(self.security_code.map(|code| ("cvc", code)));
        slots.extend(self.holder.map(|name| ("holder-name", name)));
        slots.extend(self.cryptogram.map(|value| ("cryptogram", value)));
        slots.extend(self.eci.map(|eci| ("eci", eci)));
        Credential {
            kind: self.kind.credential_kind().to_owned(),
            display,
            slots,
        }
    }
}

const fn require(field: &'static str, holds: bool, message: &'static str) -> Result<(), InvalidCard> {
    if holds {
        Ok(())
    } else {
        Err(InvalidCard { field, message })
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_card_number(text: &str) -> bool {
    mask(text).contains("[card]")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-30T10:00:00Z, in the last month of the card.
    const NOW: Timestamp = Timestamp(1_796_032_800_000);

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    fn card() -> DelegatedCard {
        DelegatedCard {
            kind: CardNumberKind::Primary,
            number: secret("4242424242424242"),
            expiry: Some(CardExpiry { month: 11, year: 2026 }),
            holder: Some(secret("Jane Doe")),
            security_code: Some(secret("123")),
            cryptogram: None,
            eci: None,
            display: CardDisplay {
                brand: Some("VISA".into()),
                last4: Some("4242".into()),
                iin: Some("424242".into()),
                ..CardDisplay::default()
            },
        }
    }

    fn wrong(change: impl FnOnce(&mut DelegatedCard)) -> Option<&'static str> {
        let mut card = card();
        change(&mut card);
        card.check(NOW).err().map(|error| error.field)
    }

    #[test]
    fn a_card_that_cannot_be_charged_is_refused_by_the_member_that_is_wrong() {
        assert_eq!(wrong(|_| {}), None);
        assert_eq!(wrong(|card| card.number = secret("4242424242424241")), Some("number"));
        assert_eq!(
            wrong(|card| card.number = secret("4242 4242 4242 4242")),
            Some("number")
        );
        assert_eq!(wrong(|card| card.number = secret("42")), Some("number"));
        let expires = |month, year| move |card: &mut DelegatedCard| card.expiry = Some(CardExpiry { month, year });
        assert_eq!(wrong(expires(13, 2026)), Some("exp_month"));
        assert_eq!(wrong(expires(10, 2026)), Some("exp_month"));
        assert_eq!(wrong(expires(11, 2025)), Some("exp_year"));
        assert_eq!(wrong(|card| card.expiry = None), None);
        assert_eq!(wrong(|card| card.security_code = Some(secret("12"))), Some("cvc"));
        assert_eq!(wrong(|card| card.security_code = Some(secret("12a"))), Some("cvc"));
        assert_eq!(wrong(|card| card.eci = Some(secret("x"))), Some("eci_value"));
        assert_eq!(wrong(|card| card.cryptogram = Some(secret("a b"))), Some("cryptogram"));
        assert_eq!(
            wrong(|card| card.holder = Some(secret("4242424242424242"))),
            Some("name")
        );
        assert_eq!(
            wrong(|card| card.display.last4 = Some("1111".into())),
            Some("display_last4")
        );
        assert_eq!(wrong(|card| card.display.iin = Some("555555".into())), Some("iin"));
        assert_eq!(
            wrong(|card| card.display.brand = Some("4242424242424242".into())),
            Some("display_brand")
        );
    }

    #[test]
    fn the_digits_of_a_network_token_say_nothing_of_the_card() {
        let last4 = |card: &mut DelegatedCard| {
            card.kind = CardNumberKind::NetworkToken;
            card.display.last4 = Some("1111".into());
            card.display.iin = Some("555555".into());
        };
        assert_eq!(wrong(last4), None);
        let mut token = card();
        token.kind = CardNumberKind::NetworkToken;
        token.display = CardDisplay::default();
        assert_eq!((token.shown().last4, token.shown().iin), (None, None));
    }

    #[test]
    fn a_credential_has_the_slots_that_the_card_has() {
        let mut whole = card();
        whole.cryptogram = Some(secret("AgAAAAAAAIR8CQrXcIhbQAAAAAA="));
        whole.eci = Some(secret("05"));
        let display = whole.shown();
        assert_eq!((display.brand.as_deref(), display.exp_year), (Some("visa"), Some(2026)));
        let credential = whole.into_credential(display);
        assert_eq!(credential.kind, "fpan");
        let slots: Vec<&str> = credential.slots.iter().map(|(slot, _)| *slot).collect();
        assert_eq!(
            slots,
            [
                "number",
                "exp-month",
                "exp-year",
                "cvc",
                "holder-name",
                "cryptogram",
                "eci"
            ]
        );
        assert_eq!(credential.slot("exp-month").map(Secret::reveal), Some("11"));
    }

    #[test]
    fn a_card_without_an_expiry_has_no_slots_for_it() {
        let mut card = card();
        card.expiry = None;
        let display = card.shown();
        assert_eq!((display.exp_month, display.exp_year), (None, None));
        let credential = card.into_credential(display);
        assert!(credential.slot("exp-month").is_none() && credential.slot("exp-year").is_none());
    }

    #[test]
    fn neither_a_card_nor_an_error_shows_its_number() {
        let card = card();
        let shown = format!("{card:?} {card:#?}");
        assert!(
            !shown.contains("42424242") && !shown.contains("123\"") && !shown.contains("Jane"),
            "{shown}"
        );
    }
}
