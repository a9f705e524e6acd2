//! A purchase over Stripe's seller hooks: the requests that Stripe sends for an agent.

use serde_json::{Value, json};

use super::basket::Basket;
use super::channel::{Channel, Credentials};
use super::error::AgentError;
use super::exchange::{Exchange, Step};
use super::purchase::{Polling, Purchase, PurchaseError, conclude};
use super::session::{Session, order_of};
use super::wallet::Wallet;
use crate::clock::Clock;
use crate::id::TokenId;
use crate::stripe::AGENT_PROFILE;

/// Simulates Stripe as the caller of one seller.
#[derive(Clone, Debug)]
pub struct StripeAcs {
    /// Connection to the seller, for requests that this type has no method for.
    pub channel: Channel,
    /// How to poll a purchase in progress.
    pub polling: Polling,
    wallet: Wallet,
    clock: Clock,
}

impl StripeAcs {
    /// Stripe as the caller of the seller whose `/agentic/checkouts` is below `base_url`.
    ///
    /// # Errors
    /// [`AgentError::BaseUrl`].
    pub fn new(base_url: &str, credentials: Credentials, wallet: Wallet, clock: Clock) -> Result<Self, AgentError> {
        let channel = Channel::new(base_url, credentials, None)?;
        Ok(Self {
            channel,
            polling: Polling::default(),
            wallet,
            clock,
        })
    }

    /// Opens a checkout with the whole basket, except the option, which an update sends.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`], or [`AgentError::Inexpressible`] for discount codes.
    pub async fn create(&self, basket: &Basket) -> Result<Exchange, AgentError> {
        if !basket.discount_codes.is_empty() {
            return Err(AgentError::Inexpressible {
                protocol: "Stripe ACS".to_owned(),
                what: "discount codes",
            });
        }
        self.channel
            .post(Step::Create, "/agentic/checkouts", &self.create_body(basket))
            .await
    }

    /// The body of a create request, for tests that change something in it.
    #[must_use]
    pub fn create_body(&self, basket: &Basket) -> Value {
        let (buyer, address) = (&basket.buyer, &basket.address);
        let items: Vec<Value> = basket
            .items
            .iter()
            .map(|(sku, quantity)| json!({"sku_id": sku, "quantity": quantity}))
            .collect();
        let mut body = json!({
            "created": self.clock.now(),
            "currency": basket.currency,
            "line_items": items,
            "buyer": {
                "first_name": buyer.first_name,
                "last_name": buyer.last_name,
                "email": buyer.email,
                "phone_number": buyer.phone_number,
            },
            "fulfillment_details": {
                "contact": {"name": buyer.full_name(), "email": buyer.email, "phone_number": buyer.phone_number},
                "address": {
                    "line_one": address.line_one,
                    "city": address.city,
                    "state": address.state,
                    "country": address.country,
                    "postal_code": address.postal_code,
                },
            },
            "agent_details": {"network_profile": AGENT_PROFILE, "display_name": "Sandbox agent"},
        });
        let shown = body
            .pointer_mut("/fulfillment_details/address")
            .and_then(Value::as_object_mut);
        if let (Some(line_two), Some(shown)) = (&address.line_two, shown) {
            shown.insert("line_two".into(), line_two.as_str().into());
        }
        body
    }

    /// Chooses a fulfillment option.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`].
    pub async fn select_option(&self, checkout_id: &str, option_id: &str) -> Result<Exchange, AgentError> {
        let body = json!({"fulfillment_option_id": option_id});
        self.channel.post(Step::SelectOption, &path(checkout_id), &body).await
    }

    /// Pays with an existing token.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`].
    pub async fn confirm(&self, checkout_id: &str, basket: &Basket, token: &TokenId) -> Result<Exchange, AgentError> {
        let body = self.confirm_body(basket, token);
        self.channel
            .post(Step::Complete, &format!("{}/confirm", path(checkout_id)), &body)
            .await
    }

    /// The body of a confirm request, for tests that send it under a key of their own.
    #[must_use]
    pub fn confirm_body(&self, basket: &Basket, token: &TokenId) -> Value {
        let address = &basket.address;
        json!({
            "payment_data": {
                "token": token,
                "provider": "stripe",
                "billing_address": {
                    "line1": address.line_one,
                    "city": address.city,
                    "state": address.state,
                    "postal_code": address.postal_code,
                    "country": address.country,
                },
            },
            "risk_details": {"client_device_metadata_details": {
                "user_agent": super::USER_AGENT,
                "ip_address": "192.0.2.10",
            }},
        })
    }

    /// Reads a checkout by its id.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`].
    pub async fn retrieve(&self, checkout_id: &str) -> Result<Exchange, AgentError> {
        self.channel.get(Step::Retrieve, &path(checkout_id)).await
    }

    /// Opens a checkout and prepares it for payment.
    ///
    /// # Errors
    /// Any refusal; [`AgentError::NotReady`] if the checkout needs more than the basket has.
    pub async fn prepare(&self, basket: &Basket, log: &mut Vec<Exchange>) -> Result<Session, AgentError> {
        let created = self.create(basket).await?;
        log.push(created.clone());
        let mut session = Session::read(&created)?;
        if let Some(option) = session.option_to_select(basket)? {
            let updated = self.select_option(&session.id, &option.id).await?;
            log.push(updated.clone());
            session = Session::read(&updated)?;
        }
        session.ready()
    }

    /// Buys the basket: create, option, token for exactly the total, confirm, poll.
    ///
    /// # Errors
    /// The first step that failed, with the transcript up to it.
    pub async fn purchase(&self, basket: &Basket) -> Result<Purchase, PurchaseError> {
        let mut log = Vec::new();
        let result = self.buy(basket, &mut log).await;
        conclude(result, log)
    }

    async fn buy(&self, basket: &Basket, log: &mut Vec<Exchange>) -> Result<Purchase, AgentError> {
        let session = self.prepare(basket, log).await?;
        let unusable = |what| AgentError::Unusable {
            step: Step::Complete,
            what,
            body: session.body.clone(),
        };
        let total = session.total().ok_or_else(|| unusable("totals[type=total]"))?;
        let issued = self.wallet.issue(&basket.payment_method, &total).await?;
        let token: TokenId = issued.text("/id", "id")?.into();
        log.push(issued);
        let confirmed = self.confirm(&session.id, basket, &token).await?;
        log.push(confirmed.clone());
        let confirmed = confirmed.accepted()?;
        // A confirmation is not a checkout: it has a status and an order, but no id.
        let status = confirmed.text("/status", "status")?;
        let answered = Session { status, ..session };
        let settled = self
            .polling
            .settle(&self.channel, &path(&answered.id), answered, log)
            .await?;
        let order = settled.order().or_else(|| order_of(&confirmed.response));
        Ok(Purchase::of(("stripe_acs", None), &settled, total, order))
    }
}

fn path(checkout_id: &str) -> String {
    format!("/agentic/checkouts/{checkout_id}")
}
