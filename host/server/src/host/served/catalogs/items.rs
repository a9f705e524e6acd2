//! Items of a catalog, as operators read them.

use super::super::Served;
use crate::catalog_documents::problem_view;
use tillhouse_catalog::{Cells, ColumnNames};
use tillhouse_checkout::catalog::{CatalogRow, CatalogVersion};
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_payments::operator::OperatorError;
use tillhouse_payments::operator::catalogs::{
    CatalogColumns, CatalogItemDetail, CatalogItemPage, CatalogItemView, CatalogRowPage, ItemFilter,
    ListCatalogColumns, ListCatalogItems, ReadCatalogRows, ShowCatalogItem, StoredCell, StoredItem,
};

/// Rows that are read of the store at a time.
const PAGE: usize = 500;
/// Rows that one request looks through. A list that needs more goes on with the next request.
const LOOKED_AT: usize = 50_000;
/// Bytes of the rows of one page, at which it is full.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

impl Served {
    pub(super) async fn item(&self, request: ShowCatalogItem) -> Result<CatalogItemDetail, OperatorError> {
        let (merchant, id) = (request.merchant, request.item);
        let (version, _) = self.version(&merchant, request.version).await?;
        let store = &self.parts.catalogs.store;
        let rows = store
            .catalog_rows(&merchant, version, std::slice::from_ref(&id))
            .await?;
        let Some(row) = rows.into_iter().flatten().next() else {
            return Err(OperatorError::absent(format!(
                "version {version} of the catalog of {merchant} has no item {id}; tillhouse catalog list --merchant {merchant} shows \
                 which there are"
            )));
        };
        let problems = tillhouse_catalog::check(&FeedType::Product, &row);
        Ok(CatalogItemDetail {
            merchant,
            version,
            item: stored(row)?,
            problems: problems.iter().map(problem_view).collect(),
        })
    }

    pub(super) async fn items(&self, request: ListCatalogItems) -> Result<CatalogItemPage, OperatorError> {
        let merchant = request.merchant;
        let in_force = self.parts.catalogs.store.catalog(&merchant).await?;
        if in_force.is_none() && request.version.is_none() {
            return Ok(CatalogItemPage {
                merchant,
                version: None,
                of: 0,
                items: Vec::new(),
                next: None,
            });
        }
        let (version, of) = self.version(&merchant, request.version).await?;
        let filter = Filter::of(&request.filter);
        let (mut items, mut after, mut looked_at) = (Vec::new(), request.after, 0);
        let next = loop {
            let page = self
                .parts
                .catalogs
                .store
                .catalog_page(&merchant, version, after.as_ref(), PAGE)
                .await?;
            if page.is_empty() {
                break None;
            }
            for row in &page {
                if items.len() == request.limit {
                    break;
                }
                after = Some(row.id.clone());
                let cells = cells(row)?;
                if filter.takes(row, &cells) {
                    items.push(view(row, &cells));
                }
            }
            looked_at += page.len();
            if items.len() == request.limit || looked_at >= LOOKED_AT {
                break after;
            }
        };
        Ok(CatalogItemPage {
            merchant,
            version: Some(version),
            of,
            items,
            next,
        })
    }

    pub(super) async fn columns(&self, request: ListCatalogColumns) -> Result<CatalogColumns, OperatorError> {
        let merchant = request.merchant;
        let (version, items) = self.version(&merchant, request.version).await?;
        let (mut names, mut after) = (ColumnNames::default(), None);
        names.add_name("id");
        loop {
            let store = &self.parts.catalogs.store;
            let page = store.catalog_page(&merchant, version, after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            page.iter().for_each(|row| names.add(&row.content));
        }
        Ok(CatalogColumns {
            merchant,
            version,
            items,
            columns: names.iter().map(str::to_owned).collect(),
        })
    }

    pub(super) async fn rows(&self, request: ReadCatalogRows) -> Result<CatalogRowPage, OperatorError> {
        let limit = request.limit.clamp(1, PAGE);
        let store = &self.parts.catalogs.store;
        let page = store
            .catalog_page(&request.merchant, request.version, request.after.as_ref(), limit)
            .await?;
        let (mut rows, mut bytes) = (Vec::new(), 0);
        for row in page {
            bytes += row.content.len();
            rows.push(stored(row)?);
            if bytes >= PAGE_BYTES {
                break;
            }
        }
        Ok(CatalogRowPage { rows })
    }

    /// The version that was asked for or is in force, and the number of its items.
    async fn version(
        &self,
        merchant: &MerchantId,
        asked: Option<CatalogVersion>,
    ) -> Result<(CatalogVersion, u64), OperatorError> {
        let store = &self.parts.catalogs.store;
        let found = match asked {
            None => store.catalog(merchant).await?,
            Some(version) => {
                let known = store.catalog_versions(merchant, usize::MAX >> 1).await?;
                known.into_iter().find(|known| known.version == version)
            }
        };
        let found = found.map(|found| (found.version, found.items));
        found.ok_or_else(|| {
            OperatorError::absent(match asked {
                None => format!("nothing was imported into the catalog of {merchant} yet"),
                Some(version) => format!(
                    "there is no version {version} of the catalog of {merchant}; tillhouse catalog history --merchant {merchant} shows \
                     which there are"
                ),
            })
        })
    }
}

fn cells(row: &CatalogRow) -> Result<Cells<'_>, OperatorError> {
    Cells::new(&row.content).map_err(|error| unreadable(row, &error))
}

fn unreadable(row: &CatalogRow, error: &tillhouse_catalog::DecodeError) -> OperatorError {
    OperatorError::unavailable(format!("item {}: {error}", row.id))
}

fn stored(row: CatalogRow) -> Result<StoredItem, OperatorError> {
    let cells = cells(&row)?;
    let cells = cells.map(|(column, value)| StoredCell {
        column: column.to_owned(),
        value: value.to_owned(),
    });
    let cells = cells.collect();
    Ok(StoredItem {
        id: row.id,
        line: row.line,
        cells,
    })
}

fn view(row: &CatalogRow, cells: &Cells<'_>) -> CatalogItemView {
    let cell = |name| cells.get(name).map(str::to_owned);
    CatalogItemView {
        id: row.id.clone(),
        title: cell("title").unwrap_or_default(),
        price: cell("price").unwrap_or_default(),
        sale_price: cell("sale_price"),
        availability: cell("availability").unwrap_or_default(),
        inventory_quantity: cell("inventory_quantity"),
    }
}

/// A filter, with its text in lower case.
struct Filter<'f> {
    text: Option<String>,
    cells: &'f [StoredCell],
}

impl<'f> Filter<'f> {
    fn of(filter: &'f ItemFilter) -> Self {
        Self {
            text: filter.text.as_ref().map(|text| text.to_lowercase()),
            cells: &filter.cells,
        }
    }

    fn takes(&self, row: &CatalogRow, cells: &Cells<'_>) -> bool {
        let has_text = self.text.as_ref().is_none_or(|text| {
            let texts = [Some(row.id.as_str()), cells.get("title")];
            texts.into_iter().flatten().any(|it| it.to_lowercase().contains(text))
        });
        has_text
            && self
                .cells
                .iter()
                .all(|wanted| cells.get(&wanted.column).unwrap_or_default() == wanted.value)
    }
}
