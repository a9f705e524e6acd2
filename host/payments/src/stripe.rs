//! Stripe as the issuer of shared payment tokens and the keeper of payment records.
//!
//! Form-encoded requests, a bearer key per merchant, errors in an envelope
//! (<https://docs.stripe.com/agentic-commerce/for-sellers/custom>).

mod version;
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::report::{DisputeReport, PaymentReport, RecordedRefund, RefundReport};
use super::token::{GrantedToken, ProfileMismatch, TokenError, TokenIssuer};
use tillhouse_checkout::credential::Credential;
use tillhouse_checkout::ids::{MerchantId, TokenId};
use tillhouse_checkout::party_units::{Party, UnitsError};
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_egress::{Client, Connection, HttpRequest, HttpResponse, Method, Upstream};

pub use version::{EndpointFamily, StripeVersion, StripeVersionError, StripeVersions};

/// Timeout of one call. A request that waits for less time is answered by its own deadline while the call continues.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Records on one page of a list, the maximum of Stripe's API.
const PAGE: usize = 100;
/// Maximum number of pages that are read in search of one record.
const MOST_PAGES: usize = 50;

/// Code of Stripe's errors about an object that it does not have.
const RESOURCE_MISSING: &str = "resource_missing";
/// Beginning of Stripe's message about a version that it does not have; the error has no code.
const INVALID_VERSION: &str = "Invalid Stripe API version";

/// A merchant's account with Stripe.
#[derive(Debug)]
pub struct StripeAccount {
    /// Base URL of the API, and the address rules for it.
    pub upstream: Upstream,
    /// Secret key of the account (`sk_…` or `rk_…`).
    pub key: Arc<Secret>,
    /// `Stripe-Version` to ask for, by family of endpoints.
    pub versions: StripeVersions,
    /// Whether the account moves real money; false in Stripe's test mode.
    pub livemode: bool,
    /// What happens if a token names another agent than the checkout session.
    pub profile_mismatch: ProfileMismatch,
}

/// The client of Stripe's API, with the accounts of the host's merchants.
#[derive(Debug)]
pub struct Stripe {
    client: Client,
    accounts: BTreeMap<MerchantId, StripeAccount>,
    clock: Arc<dyn Clock>,
}

/// One call of Stripe's API.
struct Call<'a> {
    family: EndpointFamily,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    form: Option<&'a [(&'static str, String)]>,
    /// Idempotency key of a POST.
    key: Option<&'a str>,
}

impl<'a> Call<'a> {
    const fn get(family: EndpointFamily, path: String) -> Self {
        Self {
            family,
            method: Method::Get,
            path,
            query: Vec::new(),
            form: None,
            key: None,
        }
    }

    fn post(family: EndpointFamily, path: String, form: &'a [(&'static str, String)], key: &'a str) -> Self {
        Self {
            method: Method::Post,
            form: Some(form),
            key: Some(key),
            ..Self::get(family, path)
        }
    }
}

impl Stripe {
    /// A client for these accounts.
    #[must_use]
    pub const fn new(client: Client, accounts: BTreeMap<MerchantId, StripeAccount>, clock: Arc<dyn Clock>) -> Self {
        Self {
            client,
            accounts,
            clock,
        }
    }

    fn account(&self, merchant: &MerchantId) -> Result<&StripeAccount, TokenError> {
        self.accounts
            .get(merchant)
            .ok_or_else(|| TokenError::Misconfigured(format!("merchant {merchant} has no Stripe account")))
    }

    async fn send(&self, merchant: &MerchantId, call: Call<'_>) -> Result<HttpResponse, TokenError> {
        let account = self.account(merchant)?;
        let url = account
            .upstream
            .join(&call.path, &call.query)
            .map_err(|error| TokenError::Misconfigured(error.to_string()))?;
        let mut request = HttpRequest::new(call.method, url)
            .header("authorization", Secret::new(format!("Bearer {}", account.key.reveal())))
            .header("stripe-version", account.versions.of(call.family).as_str().to_owned());
        request.timeout = CALL_TIMEOUT;
        // Nothing here moves money, and every call may be repeated under its key.
        request.connection = Connection::Pooled;
        if let Some(key) = call.key {
            request = request.header("idempotency-key", key.to_owned());
        }
        if let Some(form) = call.form {
            let body = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(form)
                .finish();
            request = request.body("application/x-www-form-urlencoded", body.into_bytes());
        }
        let answer = self.client.send(&account.upstream, request).await;
        let answer = answer.map_err(|error| TokenError::Unavailable {
            detail: error.to_string(),
            retry_after: None,
        })?;
        if answer.status == 200 {
            Ok(answer)
        } else {
            Err(refusal(&answer, self.clock.now()))
        }
    }
}

#[async_trait]
impl TokenIssuer for Stripe {
    fn livemode(&self, merchant: &MerchantId) -> bool {
        self.accounts.get(merchant).is_some_and(|account| account.livemode)
    }

    fn profile_mismatch(&self, merchant: &MerchantId) -> ProfileMismatch {
        let account = self.accounts.get(merchant);
        account.map_or(ProfileMismatch::default(), |account| account.profile_mismatch)
    }

    async fn retrieve(&self, merchant: &MerchantId, token: &TokenId) -> Result<GrantedToken, TokenError> {
        let path = token_path(token, "")?;
        let answer = self
            .send(merchant, Call::get(EndpointFamily::GrantedTokens, path))
            .await?;
        wire::granted_token(&answer.body)
    }

    async fn resolve(&self, merchant: &MerchantId, token: &TokenId, key: &str) -> Result<Credential, TokenError> {
        let path = token_path(token, "/resolve")?;
        let call = Call::post(EndpointFamily::GrantedTokens, path, &[], key);
        let answer = self.send(merchant, call).await?;
        wire::credential(&answer.body)
    }

    async fn report(&self, merchant: &MerchantId, report: &PaymentReport) -> Result<String, TokenError> {
        let (path, form) = ("/v1/payment_records/report_payment".to_owned(), report.form()?);
        let call = Call::post(EndpointFamily::PaymentRecords, path, &form, &report.key);
        let answer = self.send(merchant, call).await?;
        wire::record_id(&answer.body)
    }

    async fn find_record(&self, merchant: &MerchantId, report: &PaymentReport) -> Result<Option<String>, TokenError> {
        Ok(self.search(merchant, report).await?.map(|record| record.id))
    }

    async fn find_refund(
        &self,
        merchant: &MerchantId,
        record: Option<&str>,
        report: &RefundReport,
    ) -> Result<RecordedRefund, TokenError> {
        let found = match record {
            Some(id) => {
                let call = Call::get(EndpointFamily::PaymentRecords, record_path(id, "")?);
                Some(wire::record(&self.send(merchant, call).await?.body)?)
            }
            None => self.search(merchant, &report.payment).await?,
        };
        let Some(found) = found else {
            return Ok(RecordedRefund::NoPayment);
        };
        // The record does not show refunds that failed; Stripe lets no two have the same reference.
        if report.failure.is_some() {
            return Ok(RecordedRefund::Missing(found.id));
        }
        let with_it = Party::Stripe.amount(report.refunded_with_it().map_err(UnitsError::from)?)?;
        Ok(if found.refunded() >= with_it {
            RecordedRefund::Recorded(found.id)
        } else {
            RecordedRefund::Missing(found.id)
        })
    }

    async fn report_refund(
        &self,
        merchant: &MerchantId,
        record: &str,
        report: &RefundReport,
    ) -> Result<(), TokenError> {
        let (path, form) = (record_path(record, "/report_refund")?, report.form()?);
        let call = Call::post(EndpointFamily::PaymentRecords, path, &form, &report.key);
        self.send(merchant, call).await.map(|_| ())
    }

    async fn report_dispute(
        &self,
        merchant: &MerchantId,
        record: &str,
        report: &DisputeReport,
    ) -> Result<(), TokenError> {
        let (path, form) = (record_path(record, "/report_dispute")?, report.form()?);
        let call = Call::post(EndpointFamily::PaymentRecords, path, &form, &report.key);
        self.send(merchant, call).await.map(|_| ())
    }
}

impl Stripe {
    /// The record of a payment. Stripe lists records newest first, and documents no filter by reference: read back to the time of the
    /// payment.
    async fn search(
        &self,
        merchant: &MerchantId,
        report: &PaymentReport,
    ) -> Result<Option<wire::ListedRecord>, TokenError> {
        let mut last: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut query = vec![("limit".to_owned(), PAGE.to_string())];
            query.extend(last.take().map(|id| ("starting_after".to_owned(), id)));
            let call = Call {
                query,
                ..Call::get(EndpointFamily::PaymentRecords, "/v1/payment_records".to_owned())
            };
            let answer = self.send(merchant, call).await?;
            let mut page = wire::records(&answer.body)?;
            if let Some(record) = page.take(report) {
                return Ok(Some(record));
            }
            let older = page.ends_before(report.initiated);
            last = page.last().filter(|_| page.has_more && !older);
            if last.is_none() {
                return Ok(None);
            }
        }
        Err(TokenError::Unavailable {
            detail: format!(
                "more than {} payment records are newer than the payment",
                MOST_PAGES * PAGE
            ),
            retry_after: None,
        })
    }
}

/// A token comes from an agent and becomes part of a path: letters, digits, `_` and `-` only.
fn token_path(token: &TokenId, action: &str) -> Result<String, TokenError> {
    let text = token.as_str();
    if !is_plain(text) {
        return Err(TokenError::Unknown);
    }
    Ok(format!("/v1/shared_payment/granted_tokens/{text}{action}"))
}

fn record_path(record: &str, action: &str) -> Result<String, TokenError> {
    if !is_plain(record) {
        return Err(TokenError::Misconfigured(
            "the id of the payment record is not one of Stripe's".to_owned(),
        ));
    }
    Ok(format!("/v1/payment_records/{record}{action}"))
}

fn is_plain(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !id.is_empty() && id.len() <= 255 && id.bytes().all(plain)
}

/// 404 is an unknown token, or an endpoint that does not exist in this version of the API; 401 and 403 are a wrong key, 409, 429 and
/// 503 may be retried, other 5xx are server errors, and any other 4xx is about the token.
fn refusal(answer: &HttpResponse, now: Timestamp) -> TokenError {
    let (code, message) = wire::error(&answer.body);
    let status = answer.status;
    match status {
        404 if code == RESOURCE_MISSING => TokenError::Unknown,
        // Stripe answers so for preview endpoints in other versions, and for a version that it does not have.
        404 => TokenError::Misconfigured(format!("Stripe does not know the endpoint in this version: {message}")),
        400 if message.starts_with(INVALID_VERSION) => TokenError::Misconfigured(message),
        401 | 403 => TokenError::Misconfigured(format!("Stripe answers {status} {code}: {message}")),
        400 | 402 | 405..=408 | 410..=428 | 430..=499 => TokenError::Refused { status, code, message },
        // Stripe keeps the answer of a call that it began to execute, its own errors included; a 503 comes before that.
        500..=502 | 504..=599 => TokenError::ServerError {
            detail: format!("Stripe answers {status} {code}: {message}"),
        },
        _ => TokenError::Unavailable {
            detail: format!("Stripe answers {status} {code}: {message}"),
            retry_after: answer.retry_after(now),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_cannot_leave_its_place_in_the_path() {
        for wrong in ["", "a/b", "..", "spt 1", "spt_1?expand=x", "spt%2f", &"a".repeat(256)] {
            assert!(
                matches!(token_path(&TokenId::new(wrong), ""), Err(TokenError::Unknown)),
                "{wrong}"
            );
        }
        let path = token_path(&TokenId::new("spt_1-A"), "/resolve").unwrap();
        assert_eq!(path, "/v1/shared_payment/granted_tokens/spt_1-A/resolve");
    }
}
