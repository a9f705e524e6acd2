//! Where files are put and error files are read: links that are their own permission, as a store of files has them.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};

use super::file::{FeedFile, Format};
use super::import::ImportStatus;
use super::links::LinkTarget;
use super::v2_error::V2Dialect;
use super::{FeedLedger, processing};
use crate::id::ImportId;
use crate::incoming_request::IncomingRequest;
use crate::stripe::Operation;
use crate::stripe::state::StripeState;
use crate::sync::lock;

type Shared = State<Arc<StripeState>>;

/// A refusal of the store, in XML.
#[derive(Clone, Copy, Debug)]
struct StorageError {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
}

impl StorageError {
    const EXPIRED: Self = Self {
        status: StatusCode::FORBIDDEN,
        code: "AccessDenied",
        message: "Request has expired",
    };

    fn invalid(code: &'static str, message: &'static str) -> Self {
        let status = StatusCode::BAD_REQUEST;
        Self { status, code, message }
    }
}

impl IntoResponse for StorageError {
    fn into_response(self) -> Response {
        let Self { status, code, message } = self;
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        );
        let content_type = HeaderValue::from_static("application/xml");
        (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
    }
}

/// Routes of links, which are their own permission.
pub(crate) fn links() -> Router<Arc<StripeState>> {
    Router::new()
        .route("/files/upload/{token}", put(put_file))
        .route("/files/download/{token}", get(download))
}

/// Takes the file of an import, as a store of files does: without our key, and with the length of the body in its head.
async fn put_file(State(state): Shared, Path(token): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let incoming = IncomingRequest::without_body(&parts);
    let read = read_put(&state, &incoming, body).await;
    let answer = || {
        let file = match read {
            Ok(file) => file,
            Err(refusal) => return refusal.into_response(),
        };
        match lock(&state.feeds.ledger).put(&token, file, state.pipeline.clock.now()) {
            None => StorageError::EXPIRED.into_response(),
            Some(begun) => {
                if let Some(import) = begun {
                    processing::submit(&state, &import);
                }
                StatusCode::OK.into_response()
            }
        }
    };
    state
        .pipeline
        .read::<V2Dialect, _>(Operation::PutFeed, &incoming, answer)
        .await
}

async fn read_put(state: &StripeState, incoming: &IncomingRequest, body: Body) -> Result<FeedFile, StorageError> {
    let refuse = |code, message| Err(StorageError::invalid(code, message));
    let most = *lock(&state.feeds.max_upload_bytes);
    let Ok(content) = to_bytes(body, most).await else {
        return refuse(
            "EntityTooLarge",
            "Your proposed upload exceeds the maximum allowed size",
        );
    };
    if incoming.header("authorization").is_some() {
        return refuse("InvalidArgument", "Only one auth mechanism allowed");
    }
    if incoming.header("content-length").is_none() {
        return Err(StorageError {
            status: StatusCode::LENGTH_REQUIRED,
            code: "MissingContentLength",
            message: "You must provide the Content-Length HTTP header.",
        });
    }
    let Some(format) = Format::of_content_type(incoming.header("content-type").unwrap_or_default()) else {
        return refuse(
            "InvalidArgument",
            "Content-Type must be text/csv or text/tab-separated-values",
        );
    };
    let name = format!("upload.{}", format.extension());
    Ok(FeedFile {
        is_listed: false,
        ..FeedFile::new(&name, format, content, state.pipeline.clock.now())
    })
}

async fn download(State(state): Shared, Path(token): Path<String>, incoming: IncomingRequest) -> Response {
    let answer = || {
        let ledger = lock(&state.feeds.ledger);
        match ledger.links.target(&token, state.pipeline.clock.now()) {
            Some(LinkTarget::Download(file)) => match ledger.files.get(&file) {
                Some(file) => contents(file),
                None => StatusCode::NOT_FOUND.into_response(),
            },
            _ => StorageError::EXPIRED.into_response(),
        }
    };
    state
        .pipeline
        .read::<V2Dialect, _>(Operation::DownloadErrors, &incoming, answer)
        .await
}

impl FeedLedger {
    /// Stores a file that was put. `None` for a link that does not work; otherwise the import, if the file begins it.
    fn put(&mut self, token: &str, file: FeedFile, now: i64) -> Option<Option<ImportId>> {
        let LinkTarget::Upload(id) = self.links.target(token, now)? else {
            return None;
        };
        let import = self.imports.get_mut(&id)?;
        import.uploads += 1;
        let begins = import.status == ImportStatus::AwaitingUpload;
        if begins {
            import.file = Some(file.id.clone());
            import.status = ImportStatus::Processing;
        }
        self.files.push(file.id.clone(), file);
        Some(begins.then_some(id))
    }
}

/// The bytes of a file, with their type.
pub(super) fn contents(file: &FeedFile) -> Response {
    let content_type = HeaderValue::from_static(file.format.content_type());
    ([(header::CONTENT_TYPE, content_type)], file.content.clone()).into_response()
}
