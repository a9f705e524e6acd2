//! Telling Adyen which endpoints a merchant has, once: `tillhouse adyen register`.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::config::{AdyenConfig, AdyenConfigurationConfig, Config, MerchantConfig};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::secret::Secret;
use tillhouse_egress::{Client, EgressError, HttpRequest, HttpResponse, Method, Upstream, UpstreamError};
use tillhouse_protocols::AdyenConfiguration;

/// How long Adyen may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Most bytes that are read of its answer.
const MAX_ANSWER: usize = 16 << 10;
/// Most characters that are shown of its message.
const MAX_MESSAGE: usize = 300;

/// What is sent to Adyen for a merchant.
#[derive(Debug)]
pub struct AdyenRegistration {
    /// Merchant whose endpoints they are.
    pub merchant: MerchantId,
    /// The request body, JSON.
    pub body: String,
    upstream: Upstream,
    api_key: Arc<Secret>,
}

/// Why there is nothing to send, or it was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AdyenRegistrationError {
    /// The configuration does not say what to send, or where.
    #[error("{0}")]
    Configuration(String),
    /// The URL cannot be a destination.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// Adyen did not take it.
    #[error("Adyen answered {status}{message}; nothing is known to be registered")]
    Refused {
        /// Status of the answer.
        status: u16,
        /// What it says, after a colon; empty if it says nothing.
        message: String,
    },
    /// No answer arrived, or the request was not sent at all.
    #[error("{0}")]
    Unanswered(#[from] EgressError),
}

impl AdyenRegistration {
    /// What is to be sent for this merchant; without a name, for the only one that registers with Adyen.
    ///
    /// # Errors
    /// If there is none or there are several of them, or a setting is missing. The message names it.
    pub fn of(config: &Config, merchant: Option<&MerchantId>) -> Result<Self, AdyenRegistrationError> {
        let (id, settings) = chosen(config, merchant)?;
        let missing = |setting: &str, what: &str| {
            let message = format!("merchant {id} has no {setting}: {what}");
            AdyenRegistrationError::Configuration(message)
        };
        let adyen = settings.adyen.as_ref();
        let adyen = adyen.ok_or_else(|| missing("section [adyen]", "it does not sell over Adyen"))?;
        let target = adyen.configuration.as_ref().ok_or_else(|| {
            missing(
                "section [adyen.configuration]",
                "give the url that Adyen takes the configuration at",
            )
        })?;
        let body = body(settings, adyen, target, missing)?;
        let mut upstream = Upstream::new("adyen.configuration", target.url.as_str())?;
        upstream.allow_http = target.allow_http;
        upstream.allow_private = target.allow_loopback;
        upstream.timeout = TIMEOUT;
        Ok(Self {
            merchant: id.clone(),
            body,
            upstream,
            api_key: Arc::clone(&target.api_key),
        })
    }

    /// Where it is sent.
    #[must_use]
    pub const fn url(&self) -> &Url {
        self.upstream.base()
    }

    /// Sends it once. Returns the status of the answer, a success.
    ///
    /// # Errors
    /// If Adyen refuses it, redirects or does not answer, and if the address rules forbid its address.
    pub async fn send(&self, client: &Client) -> Result<u16, AdyenRegistrationError> {
        let body = self.body.clone().into_bytes();
        let mut request = HttpRequest::new(Method::Post, self.url().clone())
            .header("x-api-key", Arc::clone(&self.api_key))
            .body("application/json", body);
        request.timeout = TIMEOUT;
        request.max_response_bytes = MAX_ANSWER;
        let answer = client.send(&self.upstream, request).await?;
        if (200..300).contains(&answer.status) {
            return Ok(answer.status);
        }
        Err(AdyenRegistrationError::Refused {
            status: answer.status,
            message: self.message_of(&answer),
        })
    }

    /// The `message` of an error of Adyen's APIs (<https://docs.adyen.com/development-resources/error-codes>), on one line.
    fn message_of(&self, answer: &HttpResponse) -> String {
        let body: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
        let message = body.as_ref().and_then(|body| body["message"].as_str());
        let message = message.unwrap_or_default().replace(self.api_key.reveal(), "[redacted]");
        let shown: String = message
            .chars()
            .filter(|character| !character.is_control())
            .take(MAX_MESSAGE)
            .collect();
        if shown.is_empty() { shown } else { format!(": {shown}") }
    }
}

/// The merchant of this name, or the only one with a section for it.
fn chosen<'a>(
    config: &'a Config,
    merchant: Option<&MerchantId>,
) -> Result<(&'a MerchantId, &'a MerchantConfig), AdyenRegistrationError> {
    let error = |text: String| Err(AdyenRegistrationError::Configuration(text));
    if let Some(id) = merchant {
        return match config.merchants.get_key_value(id) {
            Some(found) => Ok(found),
            None => error(format!(
                "there is no merchant {id}; the merchants are: {}",
                names(config.merchants.keys())
            )),
        };
    }
    let registers = |(_, merchant): &(_, &MerchantConfig)| {
        let adyen = merchant.adyen.as_ref();
        adyen.is_some_and(|adyen| adyen.configuration.is_some())
    };
    let found: Vec<_> = config.merchants.iter().filter(registers).collect();
    match found.as_slice() {
        [only] => Ok(*only),
        [] => error("there is no merchant with a section [adyen.configuration]".to_owned()),
        several => error(format!(
            "several merchants have a section [adyen.configuration], name one of them: {}",
            names(several.iter().map(|(id, _)| *id))
        )),
    }
}

fn names<'a>(ids: impl Iterator<Item = &'a MerchantId>) -> String {
    ids.map(MerchantId::as_str).collect::<Vec<_>>().join(", ")
}

fn body(
    merchant: &MerchantConfig,
    adyen: &AdyenConfig,
    target: &AdyenConfigurationConfig,
    missing: impl Fn(&str, &str) -> AdyenRegistrationError,
) -> Result<String, AdyenRegistrationError> {
    let served = adyen.merchant.as_ref();
    let served = served.ok_or_else(|| missing("section [adyen.merchant]", "it has no endpoints to register"))?;
    let by_host = || merchant.hosts.first().map(|host| format!("https://{host}"));
    let public_url = target.public_url.clone().or_else(by_host).ok_or_else(|| {
        missing(
            "public_url in [adyen.configuration] and no hosts",
            "give the URL that Adyen reaches its endpoints at",
        )
    })?;
    let configuration = AdyenConfiguration {
        company_account: &adyen.company_account,
        merchant_account: &adyen.merchant_account,
        flow: served.flow,
        public_url: &public_url,
        token_route: &served.token_route,
        names: &target.names,
    };
    Ok(configuration.body())
}
