//! What serves each merchant now, and how it is replaced while the host runs: releases of plugins, and catalogs.
//!
//! A change of a merchant is made in one order: everything is checked, then the audit log says it, then the record of loaded
//! releases is replaced, then it comes into force. A change that fails before leaves everything as it was. Changes of one merchant
//! wait for each other, and those of several merchants do not.

mod authority;
pub(super) mod catalogs;
mod merchant_state;
mod release_folder;
mod release_record;
mod releases;
mod slot;
mod start;
mod views;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::error::StartError;
use catalogs::CatalogParts;
use merchant_state::{MerchantState, ServedMerchant};
use release_folder::ReleaseFolder;
pub(super) use slot::{ConfiguredPlugin, PluginGrants};
use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::ids::{HostId, MerchantId};
use tillhouse_checkout::outage::{Outage, OutageCause, Outages};
use tillhouse_checkout::ports::Store;
use tillhouse_checkout::time::Clock;
use tillhouse_checkout::unit_of_work::UnitOfWork;
use tillhouse_payments::operator::OperatorError;
use tillhouse_payments::operator::problem::Problem;
use tillhouse_runtime::{Limits, Plugins, PreparedPlugins};

/// What a change of merchants needs of the host.
#[derive(Debug)]
pub(super) struct ServedParts {
    pub(super) plugins: Plugins,
    pub(super) outages: Arc<Outages>,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) host: HostId,
    /// Limits of plugins of a merchant that has none of its own.
    pub(super) limits: Limits,
    pub(super) catalogs: CatalogParts,
}

/// What serves the merchants of this host.
#[derive(Debug)]
pub(super) struct Served {
    parts: ServedParts,
    /// Where loaded releases are kept; `None` if nothing can be loaded.
    folder: Option<ReleaseFolder>,
    /// Empty until [`Served::start`].
    merchants: OnceLock<BTreeMap<MerchantId, ServedMerchant>>,
    /// Cancelled when the host stops: an import is given up then, whatever its size.
    stopping: CancellationToken,
}

/// Why plugins and catalog of a merchant cannot be put into force together.
#[derive(Debug)]
enum NotServed {
    /// A part of the merchant cannot be used.
    Broken(Outage),
    /// The parts contradict each other, or a plugin rejects its configuration.
    Refused(Vec<Diagnostic>),
}

impl NotServed {
    fn into_outage(self, merchant: &MerchantId) -> Outage {
        let problems = match self {
            Self::Broken(outage) => return outage,
            Self::Refused(problems) => problems,
        };
        let mut outage = Outage::default();
        for problem in problems {
            let detail = format!("merchants.{merchant}.plugins: {problem}");
            outage.add(OutageCause::Configuration, detail);
        }
        outage
    }
}

impl Served {
    pub(super) fn new(parts: ServedParts, folder: Option<&Path>) -> Self {
        Self {
            parts,
            folder: folder.map(ReleaseFolder::at),
            merchants: OnceLock::new(),
            stopping: CancellationToken::new(),
        }
    }

    /// Give up imports that operators have under way; nothing of them is kept.
    pub(super) fn stop_imports(&self) {
        self.stopping.cancel();
    }

    /// Keep other hosts from using the folder of this host's loaded releases.
    ///
    /// # Errors
    /// When another host uses it, or it cannot be created.
    pub(super) fn claim_folder(&self) -> Result<(), StartError> {
        let claimed = self.folder.as_ref().map_or(Ok(()), ReleaseFolder::claim);
        claimed.map_err(|error| StartError::Resource(error.to_string()))
    }

    fn merchants(&self) -> impl Iterator<Item = &ServedMerchant> {
        self.merchants.get().into_iter().flat_map(BTreeMap::values)
    }

    fn merchant(&self, id: &MerchantId) -> Result<&ServedMerchant, OperatorError> {
        let found = self.merchants.get().and_then(|merchants| merchants.get(id));
        found.ok_or_else(|| OperatorError::absent(format!("there is no merchant {id}")))
    }

    /// Check what would serve a merchant, as a whole.
    async fn prepare(&self, id: &MerchantId, state: &MerchantState) -> Result<PreparedPlugins, NotServed> {
        let plugins = state.plugins(id).map_err(NotServed::Broken)?;
        let prepared = self.parts.plugins.prepare(id.clone(), plugins).await;
        prepared.map_err(NotServed::Refused)
    }

    /// Put what was prepared into force. Returns whether the merchant came into service by it.
    fn activate(&self, merchant: &ServedMerchant, state: MerchantState, prepared: PreparedPlugins) -> bool {
        self.parts.plugins.activate(prepared);
        merchant.set(state);
        self.parts.outages.end(&merchant.id)
    }

    /// Take a merchant out of service, or replace the reasons.
    fn take_out(&self, id: &MerchantId, outage: Outage) {
        for problem in &outage.details {
            error!(merchant.id = %id, problem, "merchant is out of service; the others are served");
        }
        self.parts.outages.begin(id.clone(), outage);
    }

    async fn audit(
        &self,
        actor: &str,
        action: AuditAction,
        merchant: &MerchantId,
        detail: &Value,
    ) -> Result<(), OperatorError> {
        let entry = AuditEntry {
            at: self.parts.clock.now(),
            actor: actor.to_owned(),
            action,
            subject: merchant.to_string(),
            detail: detail.to_string(),
        };
        let unit = UnitOfWork {
            audit: Some(entry),
            ..UnitOfWork::default()
        };
        Ok(self.parts.store.commit(unit).await?)
    }
}

/// A refusal for these diagnostics, one per line with its help.
fn refused(problems: &[Diagnostic]) -> OperatorError {
    let lines: Vec<String> = problems.iter().map(|problem| format!("{problem:#}")).collect();
    OperatorError::conflict(lines.join("\n")).with_problems(problems.iter().map(Problem::from).collect())
}

/// A refusal for these texts, one per line.
fn refused_texts(problems: &[String]) -> OperatorError {
    OperatorError::conflict(problems.join("\n")).with_problems(problems.iter().map(Problem::of).collect())
}
