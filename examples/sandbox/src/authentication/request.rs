//! The request bodies of the provider (`schema.delegate_authentication.json`). No schema allows unknown members.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::error::invalid;
use crate::acp_error::AcpError;
use crate::card::{TestCard, has_card_shape};
use crate::money::{Amount, Currency};

/// What the body of a create request asks for.
pub(crate) struct Wanted {
    pub(crate) card: &'static TestCard,
    pub(crate) amount: Amount,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateBody {
    #[serde(rename = "merchant_id")]
    _merchant_id: String,
    acquirer_details: Option<AcquirerDetails>,
    payment_method: PaymentMethod,
    amount: RequestedAmount,
    #[serde(rename = "channel")]
    _channel: Option<Channel>,
    #[serde(rename = "checkout_session_id")]
    _checkout_session_id: Option<String>,
    #[serde(rename = "flow_preference")]
    _flow_preference: Option<FlowPreference>,
    #[serde(rename = "challenge_notification_url")]
    _challenge_notification_url: Option<String>,
    #[serde(rename = "shopper_details")]
    _shopper_details: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AcquirerDetails {
    acquirer_bin: String,
    acquirer_country: String,
    acquirer_merchant_id: String,
    merchant_name: String,
    requestor_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PaymentMethod {
    r#type: String,
    number: String,
    exp_month: String,
    exp_year: String,
    #[serde(rename = "name")]
    _name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestedAmount {
    value: i64,
    currency: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Channel {
    #[serde(rename = "type")]
    _type: String,
    #[serde(rename = "browser")]
    _browser: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlowPreference {
    #[serde(rename = "type")]
    _type: String,
    #[serde(rename = "challenge")]
    _challenge: Option<IgnoredAny>,
    #[serde(rename = "frictionless")]
    _frictionless: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthenticateBody {
    fingerprint_completion: String,
    #[serde(rename = "channel")]
    _channel: Option<Channel>,
    #[serde(rename = "checkout_session_id")]
    _checkout_session_id: Option<String>,
    #[serde(rename = "challenge_notification_url")]
    _challenge_notification_url: Option<String>,
    #[serde(rename = "shopper_details")]
    _shopper_details: Option<IgnoredAny>,
}

/// # Errors
/// The first member that is missing, malformed or unknown. No message quotes the card number.
pub(crate) fn create(body: &[u8]) -> Result<Wanted, AcpError> {
    let body: CreateBody = parse(body)?;
    let card = body.payment_method;
    if card.r#type != "card" {
        return Err(invalid("$.payment_method.type", "must be card"));
    }
    if !has_card_shape(&card.number) {
        return Err(invalid("$.payment_method.number", "must be 12 to 19 digits"));
    }
    let is_month = card.exp_month.parse().is_ok_and(|month: u8| (1..=12).contains(&month));
    if !is_month || card.exp_month.len() > 2 {
        return Err(invalid("$.payment_method.exp_month", "must be a month"));
    }
    if card.exp_year.len() != 4 || card.exp_year.parse::<u16>().is_err() {
        return Err(invalid("$.payment_method.exp_year", "must be a year of four digits"));
    }
    let known = TestCard::by_number(&card.number);
    let known = known.ok_or_else(|| invalid("$.payment_method.number", "is not a test card"))?;
    if let Some(details) = &body.acquirer_details {
        check_lengths(details)?;
    }
    let is_upper = body.amount.currency.bytes().all(|byte| byte.is_ascii_uppercase());
    let currency = Currency::parse(&body.amount.currency.to_ascii_lowercase()).filter(|_| is_upper);
    let currency = currency.ok_or_else(|| invalid("$.amount.currency", "must be an ISO 4217 code"))?;
    Ok(Wanted {
        card: known,
        amount: Amount {
            value: body.amount.value,
            currency,
        },
    })
}

fn check_lengths(details: &AcquirerDetails) -> Result<(), AcpError> {
    let requestor = details.requestor_id.as_deref().unwrap_or_default();
    for (name, text, most) in [
        ("acquirer_bin", details.acquirer_bin.as_str(), 11),
        ("acquirer_country", &details.acquirer_country, 2),
        ("acquirer_merchant_id", &details.acquirer_merchant_id, 35),
        ("merchant_name", &details.merchant_name, 40),
        ("requestor_id", requestor, 35),
    ] {
        if text.chars().count() > most {
            let message = format!("has at most {most} characters");
            return Err(invalid(&format!("$.acquirer_details.{name}"), message));
        }
    }
    Ok(())
}

/// # Errors
/// As for [`create`].
pub(crate) fn authenticate(body: &[u8]) -> Result<(), AcpError> {
    let body: AuthenticateBody = parse(body)?;
    if !matches!(body.fingerprint_completion.as_str(), "Y" | "N" | "U") {
        return Err(invalid("$.fingerprint_completion", "must be Y, N or U"));
    }
    Ok(())
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, AcpError> {
    // serde_json quotes a value of the wrong type only if it is a scalar: of a card number as a number, for example.
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let message = format!("the body does not fit the schema: line {line}, column {column}");
        invalid("$", message)
    })
}
