//! The five operations of ACP: create, update, retrieve, complete and cancel.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{self, MethodRouter};

use super::call::Call;
pub(crate) use super::call::Operation;
use super::errors;
use crate::deadline::{Shows, within};
use crate::exchange::Answered;
use crate::project::Occasion;
use crate::request::Named;
use crate::respond;
use crate::settings::MerchantEdge;
use crate::state::Edges;
use tillhouse_checkout::ids::SessionId;

type Merchant = Extension<Arc<MerchantEdge>>;

pub(crate) async fn create(State(edges): State<Edges>, Extension(merchant): Merchant, request: Request) -> Response {
    send(edges, merchant, Operation::Create, request).await
}

/// The POST route of an operation on an existing session.
pub(crate) fn to(operation: fn(SessionId) -> Operation) -> MethodRouter<Edges> {
    routing::post(
        move |State(edges): State<Edges>, merchant: Merchant, Named(id): Named, request: Request| {
            send(edges, merchant.0, operation(id), request)
        },
    )
}

pub(crate) async fn retrieve(
    State(edges): State<Edges>,
    Extension(merchant): Merchant,
    Named(id): Named,
    headers: HeaderMap,
) -> Response {
    let call = match Call::admit(edges, merchant, &headers) {
        Ok(call) => call,
        Err(problem) => return respond::refuse(&problem),
    };
    let (service, merchant) = (Arc::clone(&call.edges.service), call.merchant.id.clone());
    let shows = Shows {
        merchant: merchant.clone(),
        session: id.clone(),
    };
    let look = async move { service.retrieve(&merchant, &id).await };
    match within(&call.edges, call.until(), Some(shows), look).await {
        Ok(Ok(session)) => respond::of_reply(call.render(StatusCode::OK, Occasion::Look)(&session)),
        Ok(Err(error)) => respond::refuse(&errors::problem(&error, call.release, &[])),
        Err(problem) => respond::refuse(&problem),
    }
}

async fn send(edges: Edges, merchant: Arc<MerchantEdge>, operation: Operation, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let (head, body) = request.into_parts();
    let answered = match Call::admit(edges, merchant, &head.headers) {
        Ok(call) => call.post(operation, &path, &head.headers, body).await,
        Err(problem) => Answered::Refused(problem),
    };
    respond::answer(&head.headers, answered)
}
