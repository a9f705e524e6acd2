//! Requests of operators: show attempts and messages, settle what the host cannot, reconcile, make backups.
//!
//! Each request is a type of its own with the document that answers it ([`OperatorRequest`]). A command answers its request in its
//! own process where no host runs, and over the host's socket (`admin`) where one does: the same code either way, and the same
//! document that `--json` prints.

pub mod attempts;
pub mod audit;
pub mod backup;
mod base64_bytes;
pub mod buyers;
pub mod catalogs;
pub mod discrepancies;
mod error;
mod evidence_note;
pub mod feed_changes;
pub mod feeds;
pub mod health;
pub mod orders;
pub mod outbox;
pub mod problem;
pub mod quarantine;
pub mod reconcile;
pub mod refunds;
pub mod served;
pub mod timestamp;

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::Payments;
use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::{Store, StoreMaintenance};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

pub use error::{OperatorError, OperatorErrorKind};
use feed_changes::FeedChangeOperations;
use feeds::FeedOperations;
pub use health::About;
use health::OutageView;
use served::ServedMerchants;

/// A query or an order of an operator.
pub trait OperatorRequest: Serialize + DeserializeOwned + Send + 'static {
    /// Path on the socket, such as `attempts/list`.
    const NAME: &'static str;

    /// Maximum bytes of the request on the socket.
    const MAX_BYTES: usize = 64 * 1024;

    /// The document that answers it, in the form that `--json` prints.
    type Answer: Serialize + DeserializeOwned + Send + 'static;

    /// Execute the request and return its document.
    fn answer(self, operator: &Operator) -> impl Future<Output = Result<Self::Answer, OperatorError>> + Send;
}

/// Executes the requests of operators. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Operator {
    payments: Payments,
    maintenance: Arc<dyn StoreMaintenance>,
    merchants: Arc<[MerchantId]>,
    served: Arc<dyn ServedMerchants>,
    feeds: Option<Arc<dyn FeedOperations>>,
    feed_changes: Option<Arc<dyn FeedChangeOperations>>,
    about: Arc<About>,
}

impl Operator {
    /// Requests about these payments and the store behind them; `merchants` are those of the configuration. Of `about`, what can
    /// change while the host runs is asked of `served`.
    #[must_use]
    pub fn new(
        payments: Payments,
        maintenance: Arc<dyn StoreMaintenance>,
        merchants: Arc<[MerchantId]>,
        served: Arc<dyn ServedMerchants>,
        about: About,
    ) -> Self {
        Self {
            payments,
            maintenance,
            merchants,
            served,
            feeds: None,
            feed_changes: None,
            about: Arc::new(about),
        }
    }

    /// The same, with requests about what has changed since feeds were uploaded.
    #[must_use]
    pub fn with_feed_changes(self, feed_changes: Arc<dyn FeedChangeOperations>) -> Self {
        Self {
            feed_changes: Some(feed_changes),
            ..self
        }
    }

    /// The same, with requests about feeds.
    #[must_use]
    pub fn with_feeds(self, feeds: Arc<dyn FeedOperations>) -> Self {
        Self {
            feeds: Some(feeds),
            ..self
        }
    }

    /// The host, with the plugins and the outages of this moment.
    fn about_now(&self) -> About {
        About {
            plugins: self.served.plugins(),
            out_of_service: self
                .payments
                .context
                .checkout
                .outages
                .iter()
                .map(OutageView::from)
                .collect(),
            ..self.about.as_ref().clone()
        }
    }

    /// Record in the audit log that this host was started, with its configuration and plugins.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn started(&self) -> Result<(), OperatorError> {
        let about = self.about_now();
        let plugins: Vec<String> = about
            .plugins
            .iter()
            .map(|it| {
                format!(
                    "{} {} {} {}",
                    it.merchant, it.plugin, it.release.version, it.release.sha256
                )
            })
            .collect();
        let catalogs = self.served.catalogs_in_force().await?;
        let idle: Vec<&str> = about.out_of_service.iter().map(|it| it.merchant.as_str()).collect();
        let entry = AuditEntry {
            at: self.now(),
            actor: format!("host:{}", about.host),
            action: AuditAction::StartHost,
            subject: about.host.to_string(),
            detail: json!({
                "version": about.version,
                "configuration": about.configuration,
                "plugins": plugins,
                "catalogs": catalogs,
                "out_of_service": idle,
            })
            .to_string(),
        };
        let unit = UnitOfWork {
            audit: Some(entry),
            ..UnitOfWork::default()
        };
        Ok(self.store().commit(unit).await?)
    }

    /// The host, as it was started.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    fn store(&self) -> &dyn Store {
        self.payments.context.store().as_ref()
    }

    fn now(&self) -> Timestamp {
        self.payments.context.checkout.clock.now()
    }

    fn entry(
        &self,
        actor: &str,
        action: AuditAction,
        subject: impl Into<String>,
        detail: &serde_json::Value,
    ) -> AuditEntry {
        AuditEntry {
            at: self.now(),
            actor: format!("operator:{actor}"),
            action,
            subject: subject.into(),
            detail: detail.to_string(),
        }
    }

    fn merchant(&self, id: Option<&MerchantId>) -> Result<Vec<MerchantId>, OperatorError> {
        match id {
            None => Ok(self.merchants.to_vec()),
            Some(id) if self.merchants.contains(id) => Ok(vec![id.clone()]),
            Some(id) => Err(OperatorError::absent(format!("there is no merchant {id}"))),
        }
    }
}
