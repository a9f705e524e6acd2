//! What a call says of a payment: of one that is to be made, and of one that was.

use std::net::IpAddr;

use super::{AdyenBody, risk_signals};
use crate::adyen::shape::affiliate_attribution::Touchpoint;
use crate::adyen::shape::buyer::Buyer;
use crate::adyen::shape::marketing_consent::{MarketingConsent, consents};
use crate::fields::{CurrencyCode, Id, OpaqueToken};
use crate::json::{BodyError, BodyErrorKind, JsonValue, Nulls, read_ignoring_unknown};
use crate::settings::{AdyenMember, AdyenMerchantSettings};
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::contact::Address;
use tillhouse_checkout::decision::{Attribution, Consent, RiskSignal};
use tillhouse_checkout::device::Device;
use tillhouse_checkout::ids::ProcessorReference;
use tillhouse_checkout::mask;
use tillhouse_checkout::money::{Currency, Money};
use tillhouse_checkout::outside_payment::OutsideResult;
use tillhouse_checkout::party_units::Party;

/// Most characters of the reason of a refusal that are kept.
const MAX_REASON: usize = 200;

/// Result code of a payment that was made.
const PAID: &str = "authorised";
/// Result code of a payment that was made in part: the amount says how much of it.
const PAID_IN_PART: &str = "partiallyauthorised";
/// Result codes of a payment that was not made.
const REFUSED: [&str; 4] = ["refused", "error", "cancelled", "canceled"];
/// Result codes of a payment of which the last word is not said.
const NOT_FINAL: [&str; 8] = [
    "pending",
    "received",
    "redirectshopper",
    "identifyshopper",
    "challengeshopper",
    "presenttoshopper",
    "authenticationfinished",
    "authenticationnotrequired",
];

/// A payment that is to be made.
#[derive(Debug)]
pub(crate) struct ReportedPayment {
    pub(crate) amount: Option<Money>,
    pub(crate) billing: Option<Address>,
    pub(crate) edit: CartEdit,
    pub(crate) device: Device,
    pub(crate) signals: Vec<RiskSignal>,
    pub(crate) consents: Vec<Consent>,
    pub(crate) attribution: Option<Attribution>,
}

/// What became of a payment.
#[derive(Debug)]
pub(crate) struct PaymentReport {
    pub(crate) reference: Option<ProcessorReference>,
    pub(crate) amount: Option<Money>,
    /// `None` as long as the last word is not said.
    pub(crate) result: Option<OutsideResult>,
}

impl AdyenBody {
    /// The body of a commit, or what comes with a token. `currency` is that of the session.
    ///
    /// # Errors
    /// When a member has another form.
    pub(crate) fn payment(&self, currency: Currency) -> Result<ReportedPayment, BodyError> {
        let buyer: Option<Buyer> = self.read(AdyenMember::Buyer)?;
        let answers: Option<Vec<MarketingConsent>> = self.read(AdyenMember::Consents)?;
        let signals = self.signals()?;
        Ok(ReportedPayment {
            amount: self.amount(currency)?,
            billing: self.billing()?,
            edit: CartEdit {
                buyer_supplement: buyer.map(Into::into),
                ..CartEdit::default()
            },
            device: self.device()?,
            signals,
            consents: consents(answers.unwrap_or_default())?,
            attribution: self.attribution(Touchpoint::Last)?,
        })
    }

    /// The delivered token.
    ///
    /// # Errors
    /// When there is none, or one that cannot be a token.
    pub(crate) fn token(&self, settings: &AdyenMerchantSettings) -> Result<String, BodyError> {
        let token: Option<OpaqueToken> = self.read(AdyenMember::Token)?;
        let missing = || is_required(settings.names.first(AdyenMember::Token));
        token.map(|token| token.0).ok_or_else(missing)
    }

    /// The body of a finalize call.
    ///
    /// # Errors
    /// When a member has another form, when the result is missing though it is demanded, or unknown, and when a payment was made in part
    /// and the amount does not say how much of it.
    pub(crate) fn report(
        &self,
        settings: &AdyenMerchantSettings,
        currency: Currency,
    ) -> Result<PaymentReport, BodyError> {
        let reference: Option<Id> = self.read(AdyenMember::PspReference)?;
        Ok(PaymentReport {
            reference: reference.map(|reference| ProcessorReference::new(reference.0)),
            amount: self.amount(currency)?,
            result: self.result(settings)?,
        })
    }

    fn result(&self, settings: &AdyenMerchantSettings) -> Result<Option<OutsideResult>, BodyError> {
        let Some(code) = self.read::<Id>(AdyenMember::Result)? else {
            return if settings.finalizes_without_result && !self.is_foreign {
                Ok(Some(OutsideResult::Paid))
            } else {
                Err(is_required(settings.names.first(AdyenMember::Result)))
            };
        };
        let is_in = |codes: &[&str]| codes.iter().any(|known| code.0.eq_ignore_ascii_case(known));
        if is_in(&[PAID_IN_PART]) && self.value(AdyenMember::Amount).is_none() {
            Err(is_required(settings.names.first(AdyenMember::Amount)))
        } else if is_in(&[PAID, PAID_IN_PART]) {
            Ok(Some(OutsideResult::Paid))
        } else if is_in(&REFUSED) {
            Ok(Some(OutsideResult::Refused(self.refusal_reason(&code.0)?)))
        } else if is_in(&NOT_FINAL) {
            Ok(None)
        } else {
            let message = "is not a result code of Adyen that the host knows: Authorised, PartiallyAuthorised, Refused, Error, Cancelled";
            Err(self.error(AdyenMember::Result, message))
        }
    }

    /// Why a payment was refused, for the operator.
    fn refusal_reason(&self, code: &str) -> Result<String, BodyError> {
        let reason: Option<String> = self.read(AdyenMember::RefusalReason)?;
        let reason = reason.map(|reason| mask(&reason)).filter(|reason| !reason.is_empty());
        let text = reason.map_or_else(|| code.to_owned(), |reason| format!("{code}: {reason}"));
        Ok(text.chars().take(MAX_REASON).collect())
    }

    fn amount(&self, currency: Currency) -> Result<Option<Money>, BodyError> {
        let Some(stated) = self.value(AdyenMember::Amount) else {
            return Ok(None);
        };
        let (value, currency) = match stated {
            JsonValue::Object(members) => {
                let invalid = |error: BodyError| error.in_path(self.name(AdyenMember::Amount));
                let value = members
                    .get("value")
                    .ok_or_else(|| invalid(BodyError::missing("value")))?;
                let currency = match members.get("currency") {
                    None | Some(JsonValue::Null) => currency,
                    Some(code) => {
                        let code: Result<CurrencyCode, _> = read_ignoring_unknown(code, Nulls::Refused);
                        code.map_err(|error| invalid(error.in_field("currency")))?.0
                    }
                };
                (value, currency)
            }
            value => (value, currency),
        };
        let whole = match value {
            JsonValue::Number(number) => number.whole(),
            _ => None,
        };
        let whole = whole.ok_or_else(|| {
            self.error(
                AdyenMember::Amount,
                "must be a whole number in the smallest unit of its currency",
            )
        })?;
        let amount = Party::Adyen.granted(whole, currency);
        let amount = amount.map_err(|error| self.error(AdyenMember::Amount, error.to_string()))?;
        Ok(Some(Money { amount, currency }))
    }

    fn signals(&self) -> Result<Vec<RiskSignal>, BodyError> {
        let Some(signals) = self.value(AdyenMember::RiskSignals) else {
            return Ok(Vec::new());
        };
        risk_signals::read(signals).map_err(|error| error.in_path(self.name(AdyenMember::RiskSignals)))
    }

    fn device(&self) -> Result<Device, BodyError> {
        let ip: Option<String> = self.read(AdyenMember::ShopperIp)?;
        if let Some(ip) = &ip
            && ip.parse::<IpAddr>().is_err()
        {
            return Err(self.error(AdyenMember::ShopperIp, "must be an IP address: 203.0.113.7"));
        }
        Ok(Device {
            ip,
            ..Device::default()
        })
    }
}

/// A member that the host cannot do without.
fn is_required(name: &str) -> BodyError {
    BodyError::new(BodyErrorKind::Missing, "is required").in_path(name)
}
