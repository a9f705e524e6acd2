//! Part 4: the minimum work of an HTTP service with JSON: parse the body of a create, write the response of a create.

use std::hint::black_box;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::connection::Connection;
use super::figures::{Samples, Throughput};
use super::load::Tickets;
use super::request_templates::RequestTemplates;
use tillhouse_console::CommandError;

/// Results of the echo measurements.
#[derive(Debug, Serialize)]
pub(super) struct Echo {
    pub(super) request_bytes: usize,
    pub(super) response_bytes: usize,
    pub(super) rows: Vec<EchoRow>,
}

/// Requests with a given number of concurrent clients.
#[derive(Debug, Serialize)]
pub(super) struct EchoRow {
    pub(super) clients: usize,
    #[serde(flatten)]
    pub(super) throughput: Throughput,
}

/// The echo server, on the same runtime as the host. Stops on drop.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) response_bytes: usize,
    serving: JoinHandle<()>,
}

impl Server {
    /// Start a server that answers every request with `answer`.
    pub(super) async fn start(answer: &Value) -> Result<Self, CommandError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let listener = listener.tap_io(|stream| {
            stream.set_nodelay(true).ok();
        });
        let routes = Router::new()
            .route("/checkout_sessions", post(echo))
            .with_state(Arc::new(answer.clone()));
        Ok(Self {
            address,
            response_bytes: serde_json::to_vec(answer)?.len(),
            serving: tokio::spawn(async move {
                axum::serve(listener, routes).await.ok();
            }),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn echo(State(answer): State<Arc<Value>>, Json(body): Json<Value>) -> impl IntoResponse {
    black_box(body);
    match serde_json::to_vec(&*answer) {
        Ok(body) => (StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], body),
        Err(_) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            [(header::CONTENT_TYPE, "application/json")],
            Vec::new(),
        ),
    }
}

/// One client: send creates until there are no more tickets.
pub(super) async fn client(
    mut client: Connection,
    tickets: Tickets,
    templates: Arc<RequestTemplates>,
) -> Result<[Samples; 1], CommandError> {
    let mut samples = Samples::default();
    while tickets.take().is_some() {
        let headers = templates.headers()?;
        let began = Instant::now();
        let (status, _) = client.post("/checkout_sessions", &headers, templates.create()).await?;
        samples.push(began.elapsed());
        if status != StatusCode::CREATED {
            return Err(CommandError(format!("the echo server answered {status}")));
        }
    }
    Ok([samples])
}
