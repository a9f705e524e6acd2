//! The HTTP routes of feeds.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;

use super::file::FeedFile;
use super::import_set::{self, CreatedIn};
use super::multipart::FileUpload;
use super::storage::contents;
use super::v2_error::{V2Dialect, V2Error};
use super::{FeedLedger, processing, version};
use crate::answer::{JsonAnswer, Outcome};
use crate::id::{FileId, ImportId};
use crate::incoming_request::IncomingRequest;
use crate::stripe::Operation;
use crate::stripe::error::{StripeDialect, StripeError};
use crate::stripe::form::Form;
use crate::stripe::state::StripeState;
use crate::sync::lock;

type Shared = State<Arc<StripeState>>;

/// Routes that ask for the key.
pub(crate) fn api() -> Router<Arc<StripeState>> {
    let import_sets = Router::new()
        .route("/v1/data_management/import_sets", post(create_import_set))
        .route("/v1/data_management/import_sets/{id}", get(read_import_set))
        .route_layer(middleware::from_fn(version::check_beta));
    let imports = Router::new()
        .route("/v2/commerce/product_catalog/imports", post(create_import))
        .route("/v2/commerce/product_catalog/imports/{id}", get(read_import))
        .route_layer(middleware::from_fn(version::check_v2));
    Router::new()
        .route("/v1/files", post(upload_file))
        .route("/v1/files/{id}", get(read_file))
        .route("/v1/files/{id}/contents", get(read_contents))
        .merge(import_sets)
        .merge(imports)
}

async fn upload_file(State(state): Shared, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let incoming = IncomingRequest::without_body(&parts);
    let most = *lock(&state.feeds.max_file_bytes);
    let upload = match FileUpload::read(incoming.header("content-type"), body, most).await {
        Ok(upload) => upload,
        Err(error) => return error.into_response(),
    };
    let (base, pipeline) = (base_url(&incoming), Arc::clone(&state.pipeline));
    let fingerprint = upload.fingerprint();
    let work = async move {
        let file = upload.into_file(state.pipeline.clock.now());
        let shown = file.to_json(&base);
        lock(&state.feeds.ledger).files.push(file.id.clone(), file);
        Outcome::stored(JsonAnswer::ok(shown))
    };
    pipeline
        .write::<StripeDialect, _>(Operation::UploadFile, incoming, fingerprint, work)
        .await
}

async fn read_file(State(state): Shared, Path(id): Path<FileId>, incoming: IncomingRequest) -> Response {
    let base = base_url(&incoming);
    let answer = || {
        let ledger = lock(&state.feeds.ledger);
        listed(&ledger, &id).map_or_else(StripeError::into_answer, |file| JsonAnswer::ok(file.to_json(&base)))
    };
    state
        .pipeline
        .read::<StripeDialect, _>(Operation::ReadFile, &incoming, answer)
        .await
}

async fn read_contents(State(state): Shared, Path(id): Path<FileId>, incoming: IncomingRequest) -> Response {
    let answer = || {
        let ledger = lock(&state.feeds.ledger);
        listed(&ledger, &id).map_or_else(StripeError::into_response, contents)
    };
    state
        .pipeline
        .read::<StripeDialect, _>(Operation::ReadContents, &incoming, answer)
        .await
}

async fn create_import_set(State(state): Shared, incoming: IncomingRequest) -> Response {
    let form = match Form::decode(&incoming.body) {
        Ok(form) => form,
        Err(error) => return error.into_response(),
    };
    let (pipeline, fingerprint) = (Arc::clone(&state.pipeline), form.fingerprint());
    let work = async move {
        let now = state.pipeline.clock.now();
        let mut ledger = lock(&state.feeds.ledger);
        let import = match ledger.create_import_set(&form, now) {
            Ok(import) => import,
            Err(error) => return error.into(),
        };
        let shown = ledger.named(import_set::to_json(&import, CreatedIn::Seconds));
        drop(ledger);
        processing::submit(&state, &import.id);
        Outcome::stored(JsonAnswer::ok(shown))
    };
    pipeline
        .write::<StripeDialect, _>(Operation::CreateImportSet, incoming, fingerprint, work)
        .await
}

async fn read_import_set(State(state): Shared, Path(id): Path<ImportId>, incoming: IncomingRequest) -> Response {
    let answer = || {
        let ledger = lock(&state.feeds.ledger);
        let shown = ledger
            .import_set(&id)
            .map(|import| import_set::to_json(import, CreatedIn::Seconds));
        shown.map_or_else(StripeError::into_answer, JsonAnswer::ok)
    };
    state
        .pipeline
        .read::<StripeDialect, _>(Operation::ReadImportSet, &incoming, answer)
        .await
}

async fn create_import(State(state): Shared, incoming: IncomingRequest) -> Response {
    let body: Value = match serde_json::from_slice(&incoming.body) {
        Ok(body) => body,
        Err(error) => return V2Error::invalid(format!("The body is not JSON: {error}.")).into_response(),
    };
    let (base, pipeline) = (base_url(&incoming), Arc::clone(&state.pipeline));
    let fingerprint = body.to_string();
    let work = async move {
        let now = state.pipeline.clock.now();
        let mut ledger = lock(&state.feeds.ledger);
        match ledger.create_catalog_import(&body, now) {
            Ok(import) => {
                let shown = ledger.show_catalog_import(&import, &base, now);
                Outcome::stored(JsonAnswer::ok(ledger.named(shown)))
            }
            Err(error) => Outcome::unstored(error.into_answer()),
        }
    };
    pipeline
        .write::<V2Dialect, _>(Operation::CreateCatalogImport, incoming, fingerprint, work)
        .await
}

async fn read_import(State(state): Shared, Path(id): Path<ImportId>, incoming: IncomingRequest) -> Response {
    let base = base_url(&incoming);
    let answer = || {
        let now = state.pipeline.clock.now();
        let mut ledger = lock(&state.feeds.ledger);
        let found = ledger.catalog_import(&id, now);
        let shown = found.map(|import| ledger.show_catalog_import(&import, &base, now));
        shown.map_or_else(V2Error::into_answer, JsonAnswer::ok)
    };
    state
        .pipeline
        .read::<V2Dialect, _>(Operation::ReadCatalogImport, &incoming, answer)
        .await
}

impl FeedLedger {
    /// An import as it is answered, under another name if a test wants that.
    fn named(&mut self, mut shown: Value) -> Value {
        if std::mem::take(&mut self.misname_next)
            && let Some(shown) = shown.as_object_mut()
        {
            shown.insert("id".into(), ImportId::generate().as_str().into());
        }
        shown
    }
}

fn listed<'a>(ledger: &'a FeedLedger, id: &FileId) -> Result<&'a FeedFile, StripeError> {
    let file = ledger.files.get(id).filter(|file| file.is_listed);
    file.ok_or_else(|| StripeError::missing("file", id.as_str(), "id"))
}

fn base_url(incoming: &IncomingRequest) -> String {
    format!("http://{}", incoming.header("host").unwrap_or("127.0.0.1"))
}
