//! Importing any file for an operator.

use std::sync::Arc;

use serde_json::{Value, json};
use tracing::{info, warn};

use super::super::Served;
use super::super::merchant_state::ServedMerchant;
use super::is_busy;
use super::stock::SoldUnits;
use crate::catalog_documents::{file_view, problem_view};
use tillhouse_catalog::{
    FeedFile, ImportCounts, ImportError, ImportProgress, ImportRequest, Imported, PreparedImport, ReadOptions,
    RefusedFile,
};
use tillhouse_checkout::audit::AuditAction;
use tillhouse_checkout::catalog::{CatalogKind, CatalogVersion, StoredCatalog};
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::plugin_data::Namespace;
use tillhouse_checkout::ports::CommitError;
use tillhouse_payments::operator::OperatorError;
use tillhouse_payments::operator::catalogs::{CatalogImported, ImportCatalog, RowCounts, StockCounted};

/// What becomes of counted stock, as operators are told.
const COUNTED_SINCE: &str =
    "inventory_quantity is what was ever stocked: units that were sold here stay subtracted from it";
const COUNTED_NOW: &str =
    "inventory_quantity is what is in stock now: units that were sold before the import are no longer subtracted";

impl Served {
    /// Import a file for an operator. One import of a merchant at a time; the others are refused, and not queued.
    pub(super) async fn import_by_operator(&self, asked: ImportCatalog) -> Result<CatalogImported, OperatorError> {
        let merchant = self.merchant(&asked.merchant)?;
        let under_way = merchant.importing.now()?;
        let counting = match asked.stock_as_counted {
            true => Some(self.stock_namespace(&asked)?),
            false => None,
        };
        let request = self.request(&asked)?;
        let preparing = Box::pin(self.prepare_import(&request, counting, &under_way.progress));
        let (prepared, sold) = tokio::select! {
            prepared = preparing => prepared?,
            () = self.stopping.cancelled() => {
                return Err(OperatorError::unavailable(
                    "the host stops, and nothing of the file was imported: import it again when the host runs",
                ));
            }
        };
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return self.not_imported(merchant, asked.feed.kind(), error).await,
        };
        let (actor, detail) = (request.by.as_str(), audit_detail(&asked, &prepared));
        self.audit(actor, AuditAction::ImportCatalog, &merchant.id, &detail)
            .await?;
        let resets = self.resets(&merchant.id);
        let mut reset = 0;
        if let Some((import, counters)) = sold.as_ref().map(|sold| sold.resets_of(&prepared)) {
            resets.note(&import, &counters).await?;
            reset = counters.len() as u64;
        }
        let imported = prepared.finish(self.parts.clock.now()).await?;
        let settled = resets.settle(false).await;
        let still_out_of_service = match asked.feed.kind() {
            CatalogKind::Product => {
                self.put_into_service(merchant, |catalog| catalog.is_stored = true)
                    .await
            }
            // A merchant is served without promotions.
            CatalogKind::Promotion => Vec::new(),
        };
        settled.map_err(|error| not_settled(imported.now.version, &error))?;
        self.imported(
            merchant,
            asked.feed.kind(),
            imported,
            StockCounted {
                rule: rule(&asked).to_owned(),
                reset,
            },
        )
        .await
        .map(|answer| CatalogImported {
            still_out_of_service,
            ..answer
        })
    }

    /// Begin the import, and read the file. What was sold is looked up once it has begun: from then on only this import resets counters,
    /// and what imports before have left to be reset is no longer in them.
    async fn prepare_import(
        &self,
        request: &ImportRequest,
        counting: Option<Namespace>,
        progress: &Arc<ImportProgress>,
    ) -> Result<(Result<PreparedImport, ImportError>, Option<SoldUnits>), OperatorError> {
        let importer = &self.parts.catalogs.importer;
        let begun = match importer.begin(request, progress, self.parts.clock.now()).await {
            Ok(begun) => begun,
            Err(error) => return Ok((Err(error), None)),
        };
        // An import of promotions may run beside one of items on another host.
        let is_alone = request.file.read.feed.kind() == CatalogKind::Product;
        self.resets(&request.merchant).settle(is_alone).await?;
        let sold = match counting {
            Some(namespace) => Some(self.sold_units(namespace).await?),
            None => None,
        };
        let watched = sold.as_ref().map(SoldUnits::items).unwrap_or_default();
        Ok((begun.read(watched).await, sold))
    }

    fn request(&self, asked: &ImportCatalog) -> Result<ImportRequest, OperatorError> {
        let mut read = ReadOptions::new(asked.feed.clone());
        read.strict = asked.strict;
        read.encoding = parsed("encoding", asked.encoding.as_deref())?;
        read.separator = parsed("separator", asked.separator.as_deref())?;
        Ok(ImportRequest {
            merchant: asked.merchant.clone(),
            file: FeedFile {
                path: asked.file.clone(),
                read,
                max_bytes: self.parts.catalogs.settings.max_bytes,
                errors: asked.errors.clone(),
            },
            mode: asked.mode.clone(),
            by: format!("operator:{}", asked.actor),
            keep_good: asked.keep_good,
            incomplete: asked.incomplete,
        })
    }

    async fn imported(
        &self,
        merchant: &ServedMerchant,
        kind: CatalogKind,
        imported: Imported,
        stock: StockCounted,
    ) -> Result<CatalogImported, OperatorError> {
        let changed = imported.is_changed();
        let (changed_items, gone) = if changed {
            (imported.now.changed, imported.now.deleted)
        } else {
            (0, 0)
        };
        let now = self.in_force(merchant, kind, imported.now).await?;
        for warning in now.warnings.iter().filter(|_| changed) {
            warn!(merchant.id = %merchant.id, warning, "what was imported has a flaw");
        }
        info!(merchant.id = %merchant.id, version = now.version, items = now.items, sha256 = now.sha256, changed, "a catalog was imported");
        Ok(CatalogImported {
            merchant: merchant.id.clone(),
            refusal: None,
            changed,
            now: Some(now),
            items_before: imported.before.map(|before| before.items),
            file: file_view(&imported.file),
            rows: rows(imported.counts, changed_items, gone),
            problems: imported.problems.iter().map(problem_view).collect(),
            more_problems: imported.more_problems,
            errors: imported.errors,
            stock,
            still_out_of_service: Vec::new(),
        })
    }

    /// A file whose rows are refused is an answer, with every problem; anything else is an error.
    async fn not_imported(
        &self,
        merchant: &ServedMerchant,
        kind: CatalogKind,
        error: ImportError,
    ) -> Result<CatalogImported, OperatorError> {
        let refused = match error {
            ImportError::Refused(refused) => refused,
            error => return Err(failed(error)),
        };
        let before: Option<StoredCatalog> = self.parts.catalogs.of(kind).catalog(&merchant.id).await?;
        let items_before = before.as_ref().map(|before| before.items);
        Ok(CatalogImported {
            merchant: merchant.id.clone(),
            refusal: Some(refusal(&refused)),
            changed: false,
            now: match before {
                Some(before) => Some(self.in_force(merchant, kind, before).await?),
                None => None,
            },
            items_before,
            file: file_view(&refused.file),
            rows: rows(refused.counts, 0, 0),
            problems: refused.problems.iter().map(problem_view).collect(),
            more_problems: refused.more_problems,
            errors: refused.errors,
            stock: StockCounted::default(),
            still_out_of_service: Vec::new(),
        })
    }
}

fn audit_detail(asked: &ImportCatalog, prepared: &PreparedImport) -> Value {
    let counts = prepared.counts();
    json!({
        "file": asked.file,
        "feed": asked.feed,
        "mode": asked.mode,
        "version": prepared.version(),
        "sha256": prepared.record().sha256,
        "items": counts.imported,
        "deletes": counts.deletes,
        "refused": counts.refused,
        "spared": counts.spared,
        "items_before": prepared.before().map(|before| before.items),
        "stock_as_counted": asked.stock_as_counted,
    })
}

const fn rule(asked: &ImportCatalog) -> &'static str {
    if matches!(asked.feed, FeedType::Promotion) {
        // Promotions have no stock.
        ""
    } else if asked.stock_as_counted {
        COUNTED_NOW
    } else {
        COUNTED_SINCE
    }
}

fn refusal(refused: &RefusedFile) -> String {
    let counts = refused.counts;
    if let Some(line) = refused.unidentified {
        return format!(
            "line {line} is refused, and which item it has cannot be told: that item would be gone with those that the file does not \
             have; correct the line, or import the other rows with --keep-good --mode upsert, which takes nothing away"
        );
    }
    if counts.refused == 0 {
        return "the file cannot be read to its end; correct it".to_owned();
    }
    format!(
        "{} of {} rows are refused, and so nothing is imported; correct them, or import the others with --keep-good",
        counts.refused, counts.read
    )
}

fn not_settled(version: CatalogVersion, error: &CommitError) -> OperatorError {
    OperatorError::unavailable(format!(
        "version {version} is in force, and its counters of sold units are not reset yet: {error}; the next import resets them, and so \
         does the next start of a host"
    ))
}

fn failed(error: ImportError) -> OperatorError {
    match error {
        ImportError::Unsupported(problem) => OperatorError::invalid(problem),
        ImportError::CutOff { .. } => {
            OperatorError::conflict(format!("{error}; if that is meant, import it with --incomplete"))
        }
        ImportError::Store(error) => error.into(),
        error if is_busy(&error) => OperatorError::busy(error.to_string()),
        ImportError::Begin(tillhouse_checkout::ports::BeginImportError::Store(error)) => error.into(),
        other => OperatorError::conflict(other.to_string()),
    }
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    field: &str,
    text: Option<&str>,
) -> Result<Option<T>, OperatorError> {
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|error| OperatorError::invalid(format!("{field}: {error}")))
}

const fn rows(counts: ImportCounts, changed: u64, gone: u64) -> RowCounts {
    RowCounts {
        read: counts.read,
        imported: counts.imported,
        deletes: counts.deletes,
        refused: counts.refused,
        spared: counts.spared,
        changed,
        gone,
    }
}
