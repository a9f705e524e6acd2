//! Stripe as it runs a checkout for an agent, and asks the merchant by its lighter hooks.
//!
//! It asks for the price of each product, for shipping options and tax rates, and whether the order may be paid. It takes the payment
//! itself, and reports by events what became of it.
//!
//! Follows "Customize with hooks" at <https://docs.stripe.com/agentic-commerce/sellers/use-cases/retail/checkout/hooks>. The members of
//! the price and availability hook are not public: they are those that a host assumes unless it is told otherwise.

mod checkout;
mod events;

use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::time::timeout;

pub use self::checkout::{Checkout, CheckoutLine, ShippingRate};
use super::signature;
use crate::agent::Basket;
use crate::clock::Clock;
use crate::id::EventId;
use crate::outgoing::Outgoing;
use crate::secret::Secret;

/// How long Stripe waits for the answer to a hook.
pub const BUDGET: Duration = Duration::from_secs(4);

/// A hook, by its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// May this order be paid?
    Approval,
    /// How can it be delivered, and what is its tax?
    Customization,
    /// What does a product cost, and is it in stock?
    PriceAvailability,
}

impl Hook {
    /// Its `type` in the envelope.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approval => "v1.delegated_checkout.finalize_checkout",
            Self::Customization => "v1.delegated_checkout.customize_checkout",
            Self::PriceAvailability => "delegated_commerce.product_price_availability",
        }
    }
}

/// What goes wrong with a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookFault {
    /// It is signed with another secret.
    Forged,
    /// Its answer comes after the budget.
    Late,
    /// It is sent twice.
    Repeated,
    /// It is sent, and then another body under the same id.
    OtherBody,
}

/// The endpoint of a merchant, and what Stripe signs with.
#[derive(Clone, Debug)]
pub struct HookConnection {
    /// URL of the endpoint for events and hooks.
    pub url: String,
    /// Secret of the event destination "Agentic Commerce Extension".
    pub hook_secret: Secret,
    /// Secret of the events of the account.
    pub event_secret: Secret,
    /// How long to wait for an answer.
    pub budget: Duration,
}

/// The answer to a hook or an event.
#[derive(Clone, Debug, PartialEq)]
pub struct HookAnswer {
    /// HTTP status of the answer.
    pub status: u16,
    /// The body; null if it is not JSON.
    pub body: Value,
}

impl HookAnswer {
    /// The member at a JSON pointer; null if there is none.
    #[must_use]
    pub fn at(&self, pointer: &str) -> &Value {
        at(&self.body, pointer)
    }
}

fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// What Stripe makes of the answer to an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The order may be paid.
    Approved,
    /// It may not, for this reason.
    Declined(String),
}

/// Stripe, running the checkouts of one merchant.
#[derive(Clone, Debug)]
pub struct HookedCheckouts {
    connection: HookConnection,
    clock: Clock,
}

impl HookedCheckouts {
    /// Stripe, calling this endpoint.
    #[must_use]
    pub const fn new(connection: HookConnection, clock: Clock) -> Self {
        Self { connection, clock }
    }

    /// A whole purchase: the price of each product, the customization, the approval, the payment and its event.
    ///
    /// # Errors
    /// Why the checkout does not complete, as the agent learns it.
    pub async fn buy(&self, basket: &Basket) -> Result<Checkout, String> {
        let mut checkout = self.opened(basket).await?;
        self.customize(&mut checkout).await?;
        match self.approve(&mut checkout, None).await {
            Decision::Approved => {}
            Decision::Declined(reason) => return Err(format!("declined: {reason}")),
        }
        checkout.pay();
        self.tell(&checkout.completed_event("paid")).await?;
        Ok(checkout)
    }

    /// A checkout of a basket, each product at the price that the merchant says.
    ///
    /// # Errors
    /// When a product is gone, out of stock, or its price is not told.
    pub async fn opened(&self, basket: &Basket) -> Result<Checkout, String> {
        let mut checkout = Checkout::of(basket);
        for line in &mut checkout.lines {
            let asked = json!({"sku_id": line.sku});
            let answer = self.send(Hook::PriceAvailability, &new_id(), &asked).await?;
            if answer.status != 200 {
                return Err(format!(
                    "424: the price hook answered {}: {}",
                    answer.status, answer.body
                ));
            }
            if answer.at("/deleted") == &Value::Bool(true) {
                return Err(format!("{} is gone", line.sku));
            }
            if answer.at("/availability/status").as_str() == Some("out_of_stock") {
                return Err(format!("{} is out of stock", line.sku));
            }
            let price = answer.at("/price/unit_amount").as_i64();
            line.unit_amount = price.ok_or_else(|| format!("{} has no price: {}", line.sku, answer.body))?;
        }
        Ok(checkout)
    }

    /// Ask for tax rates and shipping options, and take them over.
    ///
    /// # Errors
    /// When the hook is not answered.
    pub async fn customize(&self, checkout: &mut Checkout) -> Result<HookAnswer, String> {
        let data = checkout.customization();
        let answer = self.send(Hook::Customization, &new_id(), &data).await?;
        if answer.status != 200 {
            return Err(format!(
                "424: the customization hook answered {}: {}",
                answer.status, answer.body
            ));
        }
        checkout.take_customization(&answer.body);
        Ok(answer)
    }

    /// Ask whether the order may be paid. No answer in time declines it, as every answer but a 200 does.
    pub async fn approve(&self, checkout: &mut Checkout, fault: Option<HookFault>) -> Decision {
        let data = checkout.approval();
        let answer = match self.send_with(Hook::Approval, &new_id(), &data, fault).await {
            Ok(answer) => answer,
            Err(late) => return Decision::Declined(late),
        };
        let details = "/manual_approval_details";
        match (answer.status, answer.at(&format!("{details}/type")).as_str()) {
            (200, Some("approved")) => {
                checkout.take_metadata(answer.at("/metadata"));
                Decision::Approved
            }
            (200, Some("declined")) => {
                let reason = answer.at(&format!("{details}/declined/reason")).as_str();
                Decision::Declined(reason.unwrap_or_default().to_owned())
            }
            (status, _) => Decision::Declined(format!("424: {status}: {}", answer.body)),
        }
    }

    /// Send a hook once.
    ///
    /// # Errors
    /// Without an answer in time.
    pub async fn send(&self, hook: Hook, id: &str, data: &Value) -> Result<HookAnswer, String> {
        self.post(&envelope(hook.name(), id, data), &self.connection.hook_secret)
            .await
    }

    /// Send a hook with a fault; returns the last answer.
    ///
    /// # Errors
    /// Without an answer in time.
    pub async fn send_with(
        &self,
        hook: Hook,
        id: &str,
        data: &Value,
        fault: Option<HookFault>,
    ) -> Result<HookAnswer, String> {
        match fault {
            None => self.send(hook, id, data).await,
            Some(HookFault::Forged) => {
                self.post(&envelope(hook.name(), id, data), &"whsec_another".into())
                    .await
            }
            Some(HookFault::Late) => {
                let _ = self.send(hook, id, data).await;
                Err("no answer in four seconds".to_owned())
            }
            Some(HookFault::Repeated) => {
                self.send(hook, id, data).await?;
                self.send(hook, id, data).await
            }
            Some(HookFault::OtherBody) => {
                self.send(hook, id, data).await?;
                let mut other = data.clone();
                if let Some(members) = other.as_object_mut() {
                    members.insert("email".into(), "another@example.com".into());
                }
                self.send(hook, id, &other).await
            }
        }
    }

    /// Send any body, signed as a hook.
    ///
    /// # Errors
    /// Without an answer in time.
    pub async fn send_raw(&self, body: &Value) -> Result<HookAnswer, String> {
        self.post(body, &self.connection.hook_secret).await
    }

    /// Send an event of the account.
    ///
    /// # Errors
    /// When it is not acknowledged: Stripe would send it again.
    pub async fn tell(&self, event: &Value) -> Result<(), String> {
        let answer = self.post(event, &self.connection.event_secret).await?;
        if answer.status == 200 {
            Ok(())
        } else {
            Err(format!("the event was answered {}: {}", answer.status, answer.body))
        }
    }

    async fn post(&self, body: &Value, secret: &Secret) -> Result<HookAnswer, String> {
        let body = Bytes::from(body.to_string());
        let outgoing = Outgoing {
            url: self.connection.url.clone(),
            headers: vec![(signature::HEADER, signature::sign(secret, self.clock.now(), &body))],
            body,
        };
        let sent = timeout(self.connection.budget, outgoing.send()).await;
        let sent = sent.map_err(|_| "no answer in four seconds".to_owned())?;
        let (status, body) = sent.map_err(|error| error.to_string())?;
        let body = serde_json::from_slice(&body).unwrap_or_default();
        Ok(HookAnswer { status, body })
    }
}

fn envelope(kind: &str, id: &str, data: &Value) -> Value {
    json!({"type": kind, "id": id, "livemode": false, "context": "acct_sandbox", "data": data})
}

fn new_id() -> String {
    EventId::generate().to_string()
}
