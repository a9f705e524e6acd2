//! What items were last uploaded as. There may be as many of them as the catalog has items, and so they are beside it.

use std::sync::Arc;

use rusqlite::OptionalExtension;

use super::Catalogs;
use crate::column::to_limit;
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::{StoreError, UploadedItem};

impl Catalogs {
    pub(in crate::sqlite) async fn uploaded_items(
        &self,
        merchant: &MerchantId,
        destination: &str,
        ids: &[ItemId],
    ) -> Result<Vec<Option<UploadedItem>>, StoreError> {
        let (merchant, destination, ids) = (merchant.clone(), destination.to_owned(), ids.to_vec());
        let count = ids.len();
        self.read(
            move |db| {
                let mut find = db.prepare_cached(
                    "SELECT content FROM uploaded WHERE merchant = ?1 AND destination = ?2 AND id = ?3",
                )?;
                ids.into_iter()
                    .map(|id| {
                        let key = (merchant.as_str(), destination.as_str(), id.as_str());
                        let content = find.query_row(key, |row| row.get(0)).optional()?;
                        Ok(content.map(|content| UploadedItem { id, content }))
                    })
                    .collect()
            },
            || Ok(vec![None; count]),
        )
        .await
    }

    pub(in crate::sqlite) async fn uploaded_items_after(
        &self,
        merchant: &MerchantId,
        destination: &str,
        after: Option<&ItemId>,
        limit: usize,
    ) -> Result<Vec<UploadedItem>, StoreError> {
        let (merchant, destination, after) = (merchant.clone(), destination.to_owned(), after.cloned());
        self.read(
            move |db| {
                let mut find = db.prepare_cached(
                    "SELECT id, content FROM uploaded WHERE merchant = ?1 AND destination = ?2 AND id > ?3 \
                     ORDER BY id LIMIT ?4",
                )?;
                let after = after.as_ref().map_or("", ItemId::as_str);
                let rows = find.query_map((merchant.as_str(), &destination, after, to_limit(limit)), |row| {
                    Ok(UploadedItem {
                        id: ItemId::new(row.get::<_, String>(0)?),
                        content: row.get(1)?,
                    })
                })?;
                Ok(rows.collect::<Result<_, _>>()?)
            },
            || Ok(Vec::new()),
        )
        .await
    }

    pub(in crate::sqlite) async fn remember_uploaded_items(
        self: &Arc<Self>,
        merchant: &MerchantId,
        destination: &str,
        items: &[UploadedItem],
        forgotten: &[ItemId],
    ) -> Result<(), StoreError> {
        let (merchant, destination) = (merchant.clone(), destination.to_owned());
        let (items, forgotten) = (items.to_vec(), forgotten.to_vec());
        let turn = self.turn_at_last().await?;
        self.write(turn, move |db| {
            let transaction = db.unchecked_transaction()?;
            let mut forget =
                transaction.prepare("DELETE FROM uploaded WHERE merchant = ?1 AND destination = ?2 AND id = ?3")?;
            for id in forgotten {
                forget.execute((merchant.as_str(), &destination, id.as_str()))?;
            }
            drop(forget);
            let mut put = transaction.prepare(
                "INSERT INTO uploaded (merchant, destination, id, content) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (merchant, destination, id) DO UPDATE SET content = excluded.content",
            )?;
            for item in items {
                put.execute((merchant.as_str(), &destination, item.id.as_str(), item.content))?;
            }
            drop(put);
            Ok(transaction.commit()?)
        })
        .await
    }
}
