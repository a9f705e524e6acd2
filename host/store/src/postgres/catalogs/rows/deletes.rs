//! Items that the file of an import deletes, and those that it does not have.

use std::collections::HashSet;

use super::{ImportRows, RETIRE, columns};
use crate::column::to_i64;
use tillhouse_checkout::catalog::{CatalogRow, DuplicateRow};
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::ports::StoreError;

const FIND_GOING: &str = "SELECT id, number, since < $2, EXISTS (SELECT 1 FROM catalog_former AS former \
     WHERE former.merchant = $1 AND former.id = item.id AND former.until = $2) \
     FROM catalog_item AS item WHERE merchant = $1 AND id = ANY ($3)";

impl ImportRows {
    /// The items that the file does not delete, so far.
    pub(super) async fn without_gone(
        &mut self,
        items: Vec<CatalogRow>,
        duplicates: &mut Vec<DuplicateRow>,
    ) -> Result<Vec<CatalogRow>, StoreError> {
        let (ids, _) = columns(&items);
        let sql = "SELECT id FROM catalog_gone WHERE merchant = $1 AND id = ANY ($2)";
        let rows = self.query(sql, &[&self.merchant.as_str(), &ids]).await?;
        let gone: HashSet<&str> = rows.iter().map(|row| row.get(0)).collect();
        let (gone, others): (Vec<CatalogRow>, _) = items.into_iter().partition(|item| gone.contains(item.id.as_str()));
        for CatalogRow { id, line, .. } in gone {
            if let Some(first_line) = self.gone_lines.note(id.as_str(), line) {
                duplicates.push(DuplicateRow { id, first_line, line });
            }
        }
        Ok(others)
    }

    pub(super) async fn delete(&mut self, gone: &[ItemId]) -> Result<(), StoreError> {
        let sql = "INSERT INTO catalog_gone (merchant, id) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING";
        let ids: Vec<&str> = gone.iter().map(ItemId::as_str).collect();
        self.query(sql, &[&self.merchant.as_str(), &ids]).await?;
        self.has_gone = true;
        self.remove(&ids).await
    }

    /// Takes items out of this version. What the version before has of them stays with it.
    pub(super) async fn remove(&mut self, ids: &[&str]) -> Result<(), StoreError> {
        let version = to_i64(self.version.0);
        let merchant = self.merchant.clone();
        let rows = self.query(FIND_GOING, &[&merchant.as_str(), &version, &ids]).await?;
        for row in &rows {
            match (row.get(2), row.get(3)) {
                (true, _) => self.deleted += 1,
                (false, true) => {
                    self.changed -= 1;
                    self.deleted += 1;
                }
                (false, false) => self.added -= 1,
            }
            if let Some(line) = self.lines.get(row.get(1)) {
                self.gone_lines.note(row.get(0), line);
            }
            self.lines.clear(row.get(1));
        }
        self.query(RETIRE, &[&merchant.as_str(), &version, &ids]).await?;
        let sql = "DELETE FROM catalog_item WHERE merchant = $1 AND id = ANY ($2)";
        self.query(sql, &[&merchant.as_str(), &ids]).await?;
        Ok(())
    }
}
