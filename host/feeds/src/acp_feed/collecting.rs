//! Collecting the items of an upload by product, before the first of them is rendered.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};

use tillhouse_catalog::Item;
use tillhouse_checkout::catalog::{CatalogRow, CatalogVersion};
use tillhouse_checkout::feed::{FeedStatus, FeedType};
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::ports::{FeedFilter, StoreError};

use super::product::product_id;
use super::product_keys::{MemberWriter, Membership};
use super::products::{ProductScope, ProductSource, Products, unreadable};
use super::settings::IncrementForm;
use crate::hooks::UploadedRows;
use crate::rendering::in_thread;
use crate::upload_rows::UploadRows;

/// Rows that are read at a time.
const PAGE: usize = 1000;

/// Versions of a catalog among which that of an upload is looked for.
const VERSIONS: usize = 500;

/// Members that are written together: product, item, and what it is to the product.
type Found = Vec<(String, ItemId, Membership)>;

/// Collects the items of an upload by product.
#[derive(Debug)]
pub(super) struct Collector {
    pub(super) source: ProductSource,
    pub(super) form: IncrementForm,
    /// The last version that was found to have no groups: each item of it is a product of its own.
    ungrouped: AtomicU64,
}

impl Collector {
    pub(super) const fn new(source: ProductSource, form: IncrementForm) -> Self {
        Self {
            source,
            form,
            ungrouped: AtomicU64::new(0),
        }
    }

    /// All products of an upload, in an order that is the same whenever they are collected.
    pub(super) async fn collect(
        &self,
        scope: &ProductScope,
        rows: UploadRows,
        sent: &dyn UploadedRows,
    ) -> Result<Products, StoreError> {
        let items = self.items_of(scope).await?;
        let spool = self.source.spool.clone();
        let writer = in_thread(move || MemberWriter::new(items, spool.as_deref()));
        let writer = writer.await.map_err(unreadable)?;
        let (writer, since) = match &rows.increment {
            Some(increment) => {
                let ids: Vec<ItemId> = increment.iter().map(|row| row.id.clone()).collect();
                let since = self.last_full(scope).await?;
                (self.some_products(scope, &ids, since, writer).await?, since)
            }
            None => {
                let writer = self.all_products(sent, writer).await?;
                (self.left_products(scope, &rows, writer).await?, rows.deleted_since)
            }
        };
        let files = in_thread(move || writer.finish()).await.map_err(unreadable)?;
        Ok(Products {
            source: self.source.clone(),
            scope: scope.clone(),
            rows,
            since,
            files: Some(files),
            members: VecDeque::new(),
        })
    }

    async fn items_of(&self, scope: &ProductScope) -> Result<u64, StoreError> {
        let versions = self.source.catalogs.catalog_versions(&scope.merchant, VERSIONS).await?;
        let version = versions.iter().find(|catalog| catalog.version == scope.version);
        Ok(version.map_or(0, |catalog| catalog.items))
    }

    /// The version of the last upload of all products, whose rows are kept: items that are gone since are read from it.
    async fn last_full(&self, scope: &ProductScope) -> Result<Option<CatalogVersion>, StoreError> {
        let filter = FeedFilter {
            merchant: Some(scope.merchant.clone()),
            destination: Some(scope.destination.clone()),
            feed: Some(FeedType::Product),
            states: vec![FeedStatus::Succeeded, FeedStatus::SucceededWithErrors],
            limit: 1,
            ..FeedFilter::default()
        };
        let last = self.source.queue.feed_uploads(&filter).await?;
        Ok(last.first().map(|last| last.version))
    }

    /// Every item that is uploaded.
    async fn all_products(
        &self,
        sent: &dyn UploadedRows,
        mut writer: MemberWriter,
    ) -> Result<MemberWriter, StoreError> {
        let mut after: Option<ItemId> = None;
        loop {
            let page = sent.page(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(writer);
            };
            after = Some(last.id.clone());
            let rows = page.iter().filter_map(|row| row.row.as_ref());
            let found = rows.map(|row| member(row, Membership::Current));
            writer = write(writer, found.collect::<Result<Found, StoreError>>()?).await?;
        }
    }

    /// Items that have left a product since the version before.
    async fn left_products(
        &self,
        scope: &ProductScope,
        rows: &UploadRows,
        mut writer: MemberWriter,
    ) -> Result<MemberWriter, StoreError> {
        let Some(since) = rows.deleted_since else {
            return Ok(writer);
        };
        let mut after: Option<ItemId> = None;
        loop {
            let between = (since, scope.version);
            let changes = self
                .source
                .catalogs
                .catalog_changes(&scope.merchant, between, after.as_ref(), PAGE);
            let changes = changes.await?;
            let Some(last) = changes.last() else {
                return Ok(writer);
            };
            after = Some(last.id.clone());
            let mut found = Found::new();
            for change in &changes {
                let Some(before) = &change.before else { continue };
                let Some(now) = &change.now else {
                    found.push(member(before, Membership::Deleted)?);
                    continue;
                };
                let before = member(before, Membership::Moved)?;
                if before.0 != member(now, Membership::Current)?.0 {
                    found.push(before);
                }
            }
            writer = write(writer, found).await?;
        }
    }

    /// The products of these items.
    async fn some_products(
        &self,
        scope: &ProductScope,
        ids: &[ItemId],
        since: Option<CatalogVersion>,
        mut writer: MemberWriter,
    ) -> Result<MemberWriter, StoreError> {
        let (catalogs, merchant) = (&self.source.catalogs, &scope.merchant);
        let mut products = HashSet::new();
        for ids in ids.chunks(PAGE) {
            let rows = catalogs.catalog_rows(merchant, scope.version, ids).await?;
            let gone = ids.iter().zip(&rows).filter(|(_, row)| row.is_none());
            let gone: Vec<ItemId> = gone.map(|(id, _)| id.clone()).collect();
            let current = rows.iter().flatten().map(|row| member(row, Membership::Current));
            let mut found = current.collect::<Result<Found, StoreError>>()?;
            if let Some(since) = since.filter(|_| !gone.is_empty()) {
                let rows = catalogs.catalog_rows(merchant, since, &gone).await?;
                let deleted = rows.iter().flatten().map(|row| member(row, Membership::Deleted));
                found.extend(deleted.collect::<Result<Found, StoreError>>()?);
            }
            products.extend(found.iter().map(|(product, ..)| product.clone()));
            writer = write(writer, found).await?;
        }
        match self.form {
            IncrementForm::Variants => Ok(writer),
            IncrementForm::Products => self.siblings(scope, ids, &products, writer).await,
        }
    }

    /// The other items of these products. They have no index: the version is read once, unless it is known to have no groups.
    async fn siblings(
        &self,
        scope: &ProductScope,
        ids: &[ItemId],
        products: &HashSet<String>,
        mut writer: MemberWriter,
    ) -> Result<MemberWriter, StoreError> {
        if self.ungrouped.load(Ordering::Relaxed) == scope.version.0 {
            return Ok(writer);
        }
        let known: BTreeSet<&ItemId> = ids.iter().collect();
        let (mut after, mut has_groups) = (None, false);
        loop {
            let page = self
                .source
                .catalogs
                .catalog_page(&scope.merchant, scope.version, after.as_ref(), PAGE);
            let page = page.await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            let mut found = Found::new();
            for row in &page {
                let member = member(row, Membership::Current)?;
                has_groups |= member.0 != row.id.as_str();
                if products.contains(&member.0) && !known.contains(&row.id) {
                    found.push(member);
                }
            }
            writer = write(writer, found).await?;
        }
        if !has_groups {
            self.ungrouped.store(scope.version.0, Ordering::Relaxed);
        }
        Ok(writer)
    }
}

fn member(row: &CatalogRow, membership: Membership) -> Result<(String, ItemId, Membership), StoreError> {
    let item = Item::decode(row).map_err(StoreError::caused_by)?;
    Ok((product_id(&item).to_owned(), row.id.clone(), membership))
}

async fn write(mut writer: MemberWriter, found: Found) -> Result<MemberWriter, StoreError> {
    let written = in_thread(move || {
        for (product, item, membership) in found {
            writer.write(&product, &item, membership)?;
        }
        Ok(writer)
    });
    written.await.map_err(unreadable)
}
