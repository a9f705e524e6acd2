//! What operators ask of a host: look at attempts, messages and books, settle what the host cannot, make copies.
//!
//! Each question is a type of its own with the document that answers it ([`Question`]). A command answers its question in its
//! own process where no host runs, and over the host's socket (`admin`) where one does: the same code either way, and the
//! same document that `--json` prints.

pub mod attempts;
pub mod audit;
pub mod copies;
mod evidence;
pub mod health;
pub mod moment;
pub mod outbox;
pub mod quarantine;
pub mod reconcile;
mod refusal;

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::Payments;
use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::{Store, Upkeep};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::UnitOfWork;

pub use health::About;
pub use refusal::{Refusal, RefusalKind};

/// Something that an operator asks or orders.
pub trait Question: Serialize + DeserializeOwned + Send + 'static {
    /// Its name on the socket: `attempts/list`.
    const NAME: &'static str;

    /// The document that answers it.
    type Answer: Serialize + DeserializeOwned + Send + 'static;

    /// Answer it.
    fn answer(self, operator: &Operator) -> impl Future<Output = Result<Self::Answer, Refusal>> + Send;
}

/// The operators' face of a host. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Paying, with the store behind it.
    pub payments: Arc<Payments>,
    /// The store as a thing on a disk.
    pub upkeep: Arc<dyn Upkeep>,
    /// The merchants of the configuration.
    pub merchants: Arc<[MerchantId]>,
    /// The host.
    pub about: Arc<About>,
}

impl Operator {
    /// Write into the audit log that this host was started, with what.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn started(&self) -> Result<(), Refusal> {
        let plugins: Vec<String> = self
            .about
            .plugins
            .iter()
            .map(|it| format!("{} {} {} {}", it.merchant, it.plugin, it.version, it.sha256))
            .collect();
        let idle: Vec<&str> = self
            .about
            .out_of_service
            .iter()
            .map(|it| it.merchant.as_str())
            .collect();
        let entry = AuditEntry {
            at: self.now(),
            actor: format!("host:{}", self.about.host),
            action: "host.start".to_owned(),
            subject: self.about.host.to_string(),
            detail: json!({
                "version": self.about.version,
                "configuration": self.about.configuration,
                "plugins": plugins,
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

    fn store(&self) -> &dyn Store {
        self.payments.checkout.store.as_ref()
    }

    fn now(&self) -> Timestamp {
        self.payments.checkout.clock.now()
    }

    fn entry(&self, actor: &str, action: &str, subject: impl Into<String>, detail: &serde_json::Value) -> AuditEntry {
        AuditEntry {
            at: self.now(),
            actor: format!("operator:{actor}"),
            action: action.to_owned(),
            subject: subject.into(),
            detail: detail.to_string(),
        }
    }

    fn merchant(&self, id: Option<&MerchantId>) -> Result<Vec<MerchantId>, Refusal> {
        match id {
            None => Ok(self.merchants.to_vec()),
            Some(id) if self.merchants.contains(id) => Ok(vec![id.clone()]),
            Some(id) => Err(Refusal::absent(format!("there is no merchant {id}"))),
        }
    }
}
