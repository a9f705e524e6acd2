//! Request templates for the clients of part 2: the bodies of one purchase by the sandbox's agent, with variable items and token.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Bytes;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use tillhouse_sandbox::agent::{Acp, AcpVersion, Basket, Exchange, Purchase, Step, Wallet};
use tillhouse_sandbox::{Amount, Secret};
use uuid::Uuid;

use super::shop;
use tillhouse_console::CommandError;
use tillhouse_console::local_host::{AGENT_KEY, LocalHost};

/// Number of different carts.
const CARTS: usize = 64;

const VERSION: AcpVersion = AcpVersion::V2026_04_17;

/// Request templates of a purchase.
#[derive(Debug)]
pub(super) struct RequestTemplates {
    creates: Vec<Bytes>,
    update: Bytes,
    /// The body before and after the token.
    complete: (String, String),
    headers: HeaderMap,
    /// Response body of a create, for the echo server.
    pub(super) created: Value,
    wallet: Wallet,
    limit: Amount,
    next: AtomicUsize,
    refusals: AtomicUsize,
}

impl RequestTemplates {
    /// Make one purchase, and derive the templates from its requests.
    pub(super) async fn record(local: &LocalHost) -> Result<Self, CommandError> {
        let wallet = Wallet::at(&local.sandbox.stripe, local.sandbox.clock())?;
        let agent = Acp::new(&local.url(), Secret::from(AGENT_KEY), VERSION, wallet.clone())?;
        let basket = Basket::of(shop::sku(0), 1)
            .and(shop::sku(1), 2)
            .and(shop::sku(2), 1)
            .with_code("SAVE10");
        let purchase = agent.purchase(&basket).await?;
        if purchase
            .exchanges
            .iter()
            .any(|exchange| exchange.step == Step::SelectOption)
        {
            return Err(CommandError(
                "the shop did not preselect a fulfillment option".to_owned(),
            ));
        }
        let create = exchange(&purchase, Step::Create)?;
        let complete = body(exchange(&purchase, Step::Complete)?)?;
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {AGENT_KEY}"))?);
        headers.insert(
            HeaderName::from_static("api-version"),
            HeaderValue::from_static(VERSION.as_str()),
        );
        Ok(Self {
            creates: (0..CARTS)
                .map(|index| variation(body(create)?, index))
                .collect::<Result<_, _>>()?,
            update: body(exchange(&purchase, Step::Address)?)?.to_string().into(),
            complete: around_token(&complete)?,
            headers,
            created: create.response.clone(),
            wallet,
            // High enough for every cart.
            limit: Amount::new(100_000, &basket.currency),
            next: AtomicUsize::default(),
            refusals: AtomicUsize::default(),
        })
    }

    /// Body of the next create; cycles through the carts.
    pub(super) fn create(&self) -> Bytes {
        let index = self.next.fetch_add(1, Ordering::Relaxed) % CARTS;
        self.creates.get(index).cloned().unwrap_or_default()
    }

    pub(super) fn update(&self) -> Bytes {
        self.update.clone()
    }

    pub(super) fn complete(&self, token: &str) -> Bytes {
        let (before, after) = &self.complete;
        format!("{before}{token}{after}").into()
    }

    /// Headers of a new request, with a random idempotency key.
    pub(super) fn headers(&self) -> Result<HeaderMap, CommandError> {
        let mut headers = self.headers.clone();
        let key = HeaderValue::from_str(&Uuid::new_v4().to_string())?;
        headers.insert(HeaderName::from_static("idempotency-key"), key);
        Ok(headers)
    }

    /// Count a request that the host refused because it was too busy (503).
    pub(super) fn count_refusal(&self) {
        self.refusals.fetch_add(1, Ordering::Relaxed);
    }

    /// Number of requests refused with 503 since the last call of this function.
    pub(super) fn take_refusals(&self) -> usize {
        self.refusals.swap(0, Ordering::Relaxed)
    }

    /// Issue payment tokens in advance, outside the measured time.
    pub(super) async fn tokens(&self, count: usize) -> Result<Vec<String>, CommandError> {
        let mut tokens = Vec::with_capacity(count);
        for _ in 0..count {
            let token = self.wallet.token("pm_card_visa", &self.limit).await?;
            tokens.push(token.as_str().to_owned());
        }
        Ok(tokens)
    }
}

fn exchange(purchase: &Purchase, step: Step) -> Result<&Exchange, CommandError> {
    let found = purchase.exchanges.iter().find(|exchange| exchange.step == step);
    found.ok_or_else(|| CommandError(format!("the recorded purchase has no step {step}")))
}

fn body(exchange: &Exchange) -> Result<Value, CommandError> {
    let sent = exchange.request.clone();
    sent.ok_or_else(|| CommandError(format!("the step {} has no body", exchange.step)))
}

/// The create request with other items.
fn variation(mut create: Value, index: usize) -> Result<Bytes, CommandError> {
    let items: Vec<Value> = (0..3)
        .map(|line| json!({"id": shop::sku(index * 8 + line), "quantity": 1 + line % 2}))
        .collect();
    match create.get_mut("line_items") {
        Some(lines) => *lines = items.into(),
        None => return Err(CommandError("the recorded create has no line_items".to_owned())),
    }
    Ok(create.to_string().into())
}

fn around_token(complete: &Value) -> Result<(String, String), CommandError> {
    let token = complete.pointer("/payment_data/instrument/credential/token");
    let text = complete.to_string();
    let halves = token.and_then(Value::as_str).and_then(|token| text.split_once(token));
    halves
        .map(|(before, after)| (before.to_owned(), after.to_owned()))
        .ok_or_else(|| CommandError("the recorded complete has no token".to_owned()))
}
