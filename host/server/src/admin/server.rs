//! Server of the admin socket.

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, info, warn};

use super::socket_file::{SocketError, SocketFile};
use tillhouse_payments::operator::attempts::{ListAttempts, SettleAttempt, ShowAttempt};
use tillhouse_payments::operator::audit::{ListAudit, VerifyAudit};
use tillhouse_payments::operator::backup::Backup;
use tillhouse_payments::operator::buyers::EraseBuyer;
use tillhouse_payments::operator::catalogs::{
    AskImportProgress, CatalogHistory, ImportCatalog, ListCatalogColumns, ListCatalogItems, ListCatalogs,
    ReadCatalogRows, ReloadCatalog, ShowCatalogItem,
};
use tillhouse_payments::operator::discrepancies::ListDiscrepancies;
use tillhouse_payments::operator::feed_changes::{AuditFeed, ExportAcpFeed, UploadChanges};
use tillhouse_payments::operator::feeds::{AbandonFeed, ListFeedErrors, ListFeeds, PreviewFeed, ShowFeeds, UploadFeed};
use tillhouse_payments::operator::health::AskHealth;
use tillhouse_payments::operator::orders::{CancelOrder, DeliverOrder, ListOrders, ShipOrder, ShowOrder};
use tillhouse_payments::operator::outbox::{ListMessages, Replay};
use tillhouse_payments::operator::reconcile::Reconcile;
use tillhouse_payments::operator::refunds::{RefundOrder, SettleRefund};
use tillhouse_payments::operator::served::{ListPlugins, LoadPlugin, RevertPlugin};
use tillhouse_payments::operator::{Operator, OperatorError, OperatorErrorKind, OperatorRequest};

/// Timeout for the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// Timeout at shutdown for requests in progress.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Answers requests of operators until it is stopped.
#[derive(Debug)]
pub struct AdminServer {
    accepting: JoinHandle<()>,
    tasks: TaskTracker,
    stop: CancellationToken,
    /// Dropped last: the socket file outlives the connections.
    socket_file: SocketFile,
}

impl AdminServer {
    /// Listens at a path that only the owner of this process can open.
    ///
    /// # Errors
    /// When the socket cannot be opened there.
    pub async fn bind(path: &Path, operator: Operator) -> Result<Self, SocketError> {
        let (socket_file, listener) = SocketFile::bind(path).await?;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let acceptor = Acceptor {
            operator: Arc::new(operator),
            tasks: tasks.clone(),
            stop: stop.clone(),
        };
        Ok(Self {
            accepting: tokio::spawn(acceptor.run(listener)),
            tasks,
            stop,
            socket_file,
        })
    }

    /// Accepts no more requests, and waits for those in progress.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.accepting.await.ok();
        self.tasks.close();
        if tokio::time::timeout(DRAIN_TIMEOUT, self.tasks.wait()).await.is_err() {
            warn!("an admin request did not finish in time");
        }
        drop(self.socket_file);
    }
}

#[derive(Clone)]
struct Acceptor {
    operator: Arc<Operator>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Acceptor {
    async fn run(self, listener: UnixListener) {
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) if is_owner(&stream) => {
                    self.tasks.spawn(self.clone().serve(stream));
                }
                Ok(_) => warn!("refused a connection to the admin socket from another user"),
                Err(error) => {
                    warn!("accept failed on the admin socket: {error}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    async fn serve(self, stream: UnixStream) {
        let service = service_fn(|request| {
            let this = self.clone();
            async move { Ok::<_, std::convert::Infallible>(this.answer(request).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            debug!("connection to the admin socket failed: {error}");
        }
    }

    /// Runs in a task of its own: a command that is interrupted does not abort a settlement halfway.
    async fn answer(self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if request.method() != Method::POST {
            return error_response(&OperatorError::invalid("use POST for every request"));
        }
        let name = request.uri().path().trim_start_matches('/').to_owned();
        let body = match Limited::new(request.into_body(), max_bytes(&name)).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                return error_response(&OperatorError::invalid(format!("failed to read the request: {error}")));
            }
        };
        let operator = Arc::clone(&self.operator);
        let task = self.tasks.spawn(async move { route(&operator, &name, &body).await });
        let answered = task
            .await
            .unwrap_or_else(|error| Err(OperatorError::unavailable(error.to_string())));
        match answered {
            Ok(body) => response(StatusCode::OK, body),
            Err(error) => error_response(&error),
        }
    }
}

/// Whether the peer runs as the owner of the socket file or as root. False if the kernel does not report a peer.
fn is_owner(stream: &UnixStream) -> bool {
    let own = rustix::process::geteuid().as_raw();
    stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == own || peer.uid() == 0)
}

/// Maximum bytes of a request. The caller is the host's own user, so this bounds mistakes and not attacks.
fn max_bytes(name: &str) -> usize {
    match name {
        LoadPlugin::NAME => LoadPlugin::MAX_BYTES,
        _ => AskHealth::MAX_BYTES,
    }
}

async fn route(operator: &Operator, name: &str, body: &[u8]) -> Result<Vec<u8>, OperatorError> {
    match name {
        ListOrders::NAME => handle::<ListOrders>(operator, body).await,
        ShowOrder::NAME => handle::<ShowOrder>(operator, body).await,
        ShipOrder::NAME => handle::<ShipOrder>(operator, body).await,
        DeliverOrder::NAME => handle::<DeliverOrder>(operator, body).await,
        CancelOrder::NAME => handle::<CancelOrder>(operator, body).await,
        ListAttempts::NAME => handle::<ListAttempts>(operator, body).await,
        ShowAttempt::NAME => handle::<ShowAttempt>(operator, body).await,
        ListDiscrepancies::NAME => handle::<ListDiscrepancies>(operator, body).await,
        SettleAttempt::NAME => Box::pin(handle::<SettleAttempt>(operator, body)).await,
        RefundOrder::NAME => Box::pin(handle::<RefundOrder>(operator, body)).await,
        SettleRefund::NAME => Box::pin(handle::<SettleRefund>(operator, body)).await,
        ListMessages::NAME => handle::<ListMessages>(operator, body).await,
        EraseBuyer::NAME => Box::pin(handle::<EraseBuyer>(operator, body)).await,
        Replay::NAME => handle::<Replay>(operator, body).await,
        ListAudit::NAME => handle::<ListAudit>(operator, body).await,
        VerifyAudit::NAME => handle::<VerifyAudit>(operator, body).await,
        Reconcile::NAME => Box::pin(handle::<Reconcile>(operator, body)).await,
        Backup::NAME => handle::<Backup>(operator, body).await,
        AskHealth::NAME => handle::<AskHealth>(operator, body).await,
        ListPlugins::NAME => handle::<ListPlugins>(operator, body).await,
        LoadPlugin::NAME => Box::pin(handle::<LoadPlugin>(operator, body)).await,
        RevertPlugin::NAME => Box::pin(handle::<RevertPlugin>(operator, body)).await,
        ListCatalogs::NAME => handle::<ListCatalogs>(operator, body).await,
        ReloadCatalog::NAME => Box::pin(handle::<ReloadCatalog>(operator, body)).await,
        ImportCatalog::NAME => Box::pin(handle::<ImportCatalog>(operator, body)).await,
        AskImportProgress::NAME => handle::<AskImportProgress>(operator, body).await,
        CatalogHistory::NAME => handle::<CatalogHistory>(operator, body).await,
        ShowCatalogItem::NAME => handle::<ShowCatalogItem>(operator, body).await,
        ListCatalogItems::NAME => handle::<ListCatalogItems>(operator, body).await,
        ListCatalogColumns::NAME => handle::<ListCatalogColumns>(operator, body).await,
        ReadCatalogRows::NAME => handle::<ReadCatalogRows>(operator, body).await,
        PreviewFeed::NAME => Box::pin(handle::<PreviewFeed>(operator, body)).await,
        UploadFeed::NAME => handle::<UploadFeed>(operator, body).await,
        UploadChanges::NAME => handle::<UploadChanges>(operator, body).await,
        AuditFeed::NAME => handle::<AuditFeed>(operator, body).await,
        ExportAcpFeed::NAME => handle::<ExportAcpFeed>(operator, body).await,
        ListFeeds::NAME => handle::<ListFeeds>(operator, body).await,
        ShowFeeds::NAME => handle::<ShowFeeds>(operator, body).await,
        ListFeedErrors::NAME => handle::<ListFeedErrors>(operator, body).await,
        AbandonFeed::NAME => handle::<AbandonFeed>(operator, body).await,
        _ => Err(OperatorError::absent(format!(
            "unknown request {name}; use the tillhouse command of the same version as the host"
        ))),
    }
}

async fn handle<R: OperatorRequest>(operator: &Operator, body: &[u8]) -> Result<Vec<u8>, OperatorError> {
    let request: R = serde_json::from_slice(body)
        .map_err(|error| OperatorError::invalid(format!("{}: invalid request: {error}", R::NAME)))?;
    // How far an import is, is asked some times a second.
    if R::NAME != AskImportProgress::NAME {
        info!(question = R::NAME, "admin request");
    }
    let answer = request.answer(operator).await?;
    serde_json::to_vec(&answer)
        .map_err(|error| OperatorError::unavailable(format!("failed to serialize the answer: {error}")))
}

fn error_response(error: &OperatorError) -> Response<Full<Bytes>> {
    let status = match error.kind {
        OperatorErrorKind::Invalid => StatusCode::BAD_REQUEST,
        OperatorErrorKind::Absent => StatusCode::NOT_FOUND,
        OperatorErrorKind::Conflict => StatusCode::CONFLICT,
        OperatorErrorKind::Busy => StatusCode::LOCKED,
        OperatorErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    };
    response(status, serde_json::to_vec(error).unwrap_or_default())
}

fn response(status: StatusCode, body: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let json = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, json);
    response
}
