//! The HTTP service: axum over the native shop, on its own thread.

use std::net::{Ipv4Addr, SocketAddr};
use std::thread::JoinHandle;

use axum::http::StatusCode;
use axum::routing::post;
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use tillhouse_plugin::testing;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::oneshot;

use super::wire::{self, CallRequest, QuoteAnswers};
use crate::baselines::QuoteFunctions as _;
use crate::native::Native;
use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::decision::{FulfillmentOffer, LineAmount, Page, PricedCart, Stock, TaxAssessment, TaxRequest};
use tillhouse_checkout::ports::DecisionError;
use tillhouse_console::CommandError;

/// A running service. Stops on drop.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Service {
    /// Serve the shop with these imports on a free loopback port.
    pub(crate) async fn start(imports: testing::Host) -> Result<Self, CommandError> {
        let (stop, stopped) = oneshot::channel();
        let (ready, bound) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("bench-service".to_owned())
            .spawn(move || {
                // Imports are thread-local, and every request is handled on this thread.
                let _imports = imports.install();
                let served = runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .and_then(|runtime| runtime.block_on(serve(ready, stopped)));
                if let Err(error) = served {
                    tracing::error!(%error, "the HTTP service of the benchmark failed");
                }
            })?;
        let address = bound
            .await
            .map_err(|_| CommandError("the HTTP service of the benchmark did not start".to_owned()))?;
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Dropping the sender is the signal.
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

async fn serve(ready: oneshot::Sender<SocketAddr>, stopped: oneshot::Receiver<()>) -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    ready.send(listener.local_addr()?).ok();
    let listener = listener.tap_io(|stream| {
        stream.set_nodelay(true).ok();
    });
    let routes = Router::new()
        .route(wire::STOCK, post(stock))
        .route(wire::PRICE, post(price))
        .route(wire::OPTIONS, post(options))
        .route(wire::TAX, post(tax))
        .route(wire::PAGE, post(page))
        .route(wire::QUOTE, post(quote));
    tokio::select! {
        served = async { axum::serve(listener, routes).await } => served,
        _ = stopped => Ok(()),
    }
}

/// An answer, or status 500 with the shop's error.
type AnswerJson<T> = Result<Json<T>, (StatusCode, String)>;

type RequestJson<Q> = Json<CallRequest<Q>>;

async fn stock(Json(asked): RequestJson<Vec<CartLine>>) -> AnswerJson<Vec<Stock>> {
    let (scope, lines) = asked.open();
    to_json(Native.check_stock(&scope, &lines).await)
}

async fn price(Json(asked): RequestJson<Cart>) -> AnswerJson<PricedCart> {
    let (scope, cart) = asked.open();
    to_json(Native.price(&scope, &cart).await)
}

async fn options(Json(asked): RequestJson<(Cart, Vec<LineAmount>)>) -> AnswerJson<FulfillmentOffer> {
    let (scope, (cart, amounts)) = asked.open();
    to_json(Native.offer(&scope, &cart, &amounts).await)
}

async fn tax(Json(asked): RequestJson<TaxRequest>) -> AnswerJson<TaxAssessment> {
    let (scope, request) = asked.open();
    to_json(Native.assess_tax(&scope, &request).await)
}

async fn page(Json(asked): RequestJson<Cart>) -> AnswerJson<Page> {
    let (scope, cart) = asked.open();
    to_json(Native.page(&scope, &cart).await)
}

async fn quote(Json(asked): RequestJson<Cart>) -> AnswerJson<Option<QuoteAnswers>> {
    let (scope, cart) = asked.open();
    let whole = Native.quote_whole(&scope, &cart).await;
    to_json(whole.map(|whole| whole.map(QuoteAnswers)))
}

fn to_json<T>(answer: Result<T, DecisionError>) -> AnswerJson<T> {
    answer
        .map(Json)
        .map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}
