//! The session: the body of every response but that of an error, and of a refusal beside its messages.

use serde::Serialize;

use super::discounts::Discounts;
use super::fulfillment_option::FulfillmentOption;
use super::line_item::LineItem;
use super::link::Link;
use super::marketing_consent::MarketingConsentOption;
use super::message::Message;
use super::order::Order;
use super::payment_provider::PaymentProvider;
use super::total::{self, Total};
use crate::adyen::rendering::{Units, status};
use crate::rendering::links;
use crate::settings::{AdyenSettings, MerchantSettings};
use tillhouse_checkout::session;

/// What a session is rendered with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionContext<'a> {
    pub(crate) merchant: &'a MerchantSettings,
    pub(crate) settings: &'a AdyenSettings,
}

#[derive(Debug, Serialize)]
pub(crate) struct Session<'a> {
    id: &'a str,
    status: &'static str,
    currency: String,
    payment_provider: PaymentProvider<'a>,
    line_items: Vec<LineItem<'a>>,
    fulfillment_options: Vec<FulfillmentOption<'a>>,
    totals: Vec<Total<'a>>,
    messages: Vec<Message<'a>>,
    links: Vec<Link<'a>>,
    discounts: Discounts<'a>,
    marketing_consent_options: Vec<MarketingConsentOption<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Order<'a>>,
}

impl<'a> Session<'a> {
    pub(crate) fn of(session: &'a session::Session, context: SessionContext<'a>) -> Self {
        let (quote, units) = (&session.quote, Units::of_currency(session.currency));
        let options = quote.options.iter();
        Self {
            id: session.id.as_str(),
            status: status(session),
            currency: session.currency.upper(),
            payment_provider: context.settings.into(),
            line_items: quote.lines.iter().map(|line| LineItem::of(line, units)).collect(),
            fulfillment_options: options.map(|option| FulfillmentOption::of(option, units)).collect(),
            totals: total::of_quote(quote, units),
            messages: Message::of_session(session),
            links: links(session, context.merchant).iter().map(Link::from).collect(),
            discounts: Discounts::of(session, units),
            marketing_consent_options: quote.consents.iter().map(MarketingConsentOption::from).collect(),
            order: Order::of(session),
        }
    }

    /// The same session, as the answer to a request that was refused: only what is said of that.
    pub(crate) fn with_messages(self, messages: Vec<Message<'a>>) -> Self {
        Self { messages, ..self }
    }

    /// The same session after a payment that was declined: it says so, whatever else it says.
    pub(crate) fn after_decline(mut self) -> Self {
        const DECLINED: &str = "PAYMENT_DECLINED";
        let is_said = self.messages.iter().any(|message| message.is_error_at("payment_data"));
        if !is_said {
            let content = "The payment was declined. Use another payment method.";
            let message = Message::error(DECLINED, content, Some("payment_data".to_owned()));
            self.messages.insert(0, message);
        }
        self
    }

    /// The session as the body of a response.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}
