//! Parameters of the test helper that issues tokens.

use super::error::StripeError;
use super::form::Form;
use super::granted_token::VaultedCard;
use crate::card::{CredentialKind, TEST_CARDS, TestCard, has_card_shape};
use crate::money::Currency;

/// Every test card expires at the end of 2030.
const EXP_MONTH: u8 = 12;
const EXP_YEAR: u16 = 2030;

const NUMBER: &str = "payment_method_details[card][number]";
const MONTH: &str = "payment_method_details[card][exp_month]";
const YEAR: &str = "payment_method_details[card][exp_year]";
const CREDENTIAL: &str = "payment_method_details[card][credential_type]";

/// A validated request for a token.
pub(crate) struct Issue {
    pub(crate) card: VaultedCard,
    pub(crate) currency: Currency,
    pub(crate) max_amount: i64,
    pub(crate) expires_at: Option<i64>,
}

impl Issue {
    /// # Errors
    /// The first parameter that is missing or malformed, by its bracketed name.
    pub(crate) fn read(form: &Form, now: i64) -> Result<Self, StripeError> {
        const LIMITS: [&str; 3] = [
            "usage_limits[currency]",
            "usage_limits[max_amount]",
            "usage_limits[expires_at]",
        ];
        form.only(
            &[
                "payment_method",
                "payment_method_details[type]",
                NUMBER,
                MONTH,
                YEAR,
                CREDENTIAL,
            ],
            &["usage_limits", "seller_details", "shared_metadata", "expand"],
        )?;
        let [currency, max_amount, expires_at] = LIMITS;
        let card = card(form)?;
        let currency = form.required_currency(currency)?;
        let issue = Self {
            card,
            max_amount: form.required_amount(max_amount, &currency)?,
            currency,
            expires_at: form.integer(expires_at)?,
        };
        match issue.expires_at {
            Some(at) if at <= now => {
                let message = format!("{expires_at} must be in the future: it is {at}, but the current time is {now}.");
                Err(StripeError::parameter("parameter_invalid", expires_at, message))
            }
            _ => Ok(issue),
        }
    }
}

fn card(form: &Form) -> Result<VaultedCard, StripeError> {
    if form.get("payment_method_details[card][number]").is_some() {
        return own_card(form);
    }
    let name = form.required("payment_method")?;
    let card = TestCard::by_payment_method(name).ok_or_else(|| {
        let known: Vec<&str> = TEST_CARDS.iter().map(|card| card.payment_method).collect();
        let message = format!(
            "No such payment method: '{name}'. The sandbox accepts {}.",
            known.join(", ")
        );
        StripeError::parameter("resource_missing", "payment_method", message)
    })?;
    Ok(VaultedCard {
        number: card.number.to_owned(),
        exp_month: EXP_MONTH,
        exp_year: EXP_YEAR,
        credential: card.credential,
    })
}

/// A card given by number; the acquirer, not this helper, rejects numbers that are not test cards.
fn own_card(form: &Form) -> Result<VaultedCard, StripeError> {
    let number = form.required(NUMBER)?;
    if !has_card_shape(number) {
        let message = format!("{NUMBER} must be 12 to 19 digits.");
        return Err(StripeError::parameter("invalid_number", NUMBER, message));
    }
    let month = form.integer(MONTH)?.unwrap_or(i64::from(EXP_MONTH));
    let year = form.integer(YEAR)?.unwrap_or(i64::from(EXP_YEAR));
    let exp_month = u8::try_from(month).ok().filter(|month| (1..=12).contains(month));
    let exp_year = u16::try_from(year).ok().filter(|year| (2000..=2999).contains(year));
    let invalid = |code, name: &str, rule| StripeError::parameter(code, name, format!("{name} must be {rule}."));
    let credential = match form.get(CREDENTIAL) {
        None | Some("dpan") => CredentialKind::Dpan,
        Some("agentic_token") => CredentialKind::AgenticToken,
        Some(_) => return Err(invalid("parameter_invalid", CREDENTIAL, "dpan or agentic_token")),
    };
    Ok(VaultedCard {
        number: number.to_owned(),
        exp_month: exp_month.ok_or_else(|| invalid("invalid_expiry_month", MONTH, "1 to 12"))?,
        exp_year: exp_year.ok_or_else(|| invalid("invalid_expiry_year", YEAR, "a year of four digits"))?,
        credential,
    })
}
