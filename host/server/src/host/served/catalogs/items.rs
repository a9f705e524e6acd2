//! Items of a catalog, as operators read them.

use super::super::Served;
use crate::catalog_documents::problem_view;
use tillhouse_catalog::{Cells, ColumnNames, key, unknown_targets};
use tillhouse_checkout::catalog::{CatalogKind, CatalogRow, CatalogVersion};
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
        let (merchant, kind, id) = (request.merchant, request.kind, request.item);
        let (version, _) = self.version(&merchant, kind, request.version).await?;
        let rows = self
            .parts
            .catalogs
            .of(kind)
            .catalog_rows(&merchant, version, std::slice::from_ref(&id))
            .await?;
        let Some(row) = rows.into_iter().flatten().next() else {
            return Err(OperatorError::absent(format!(
                "version {version} of {} has no {} {id}; tillhouse catalog list --merchant {merchant}{} shows which there are",
                named(kind, &merchant),
                row_of(kind),
                option(kind),
            )));
        };
        let mut problems = tillhouse_catalog::check(&kind.feed(), &row);
        if kind == CatalogKind::Promotion {
            let items = self.parts.catalogs.store.as_ref();
            let unknown = unknown_targets(items, &merchant, std::slice::from_ref(&row)).await?;
            problems.extend(unknown.into_iter().flat_map(|(_, unknown)| unknown));
        }
        Ok(CatalogItemDetail {
            merchant,
            kind,
            version,
            item: stored(row)?,
            problems: problems.iter().map(problem_view).collect(),
        })
    }

    pub(super) async fn items(&self, request: ListCatalogItems) -> Result<CatalogItemPage, OperatorError> {
        let (merchant, kind) = (request.merchant, request.kind);
        let catalogs = self.parts.catalogs.of(kind);
        let mut found = CatalogItemPage {
            merchant,
            kind,
            version: None,
            of: 0,
            items: Vec::new(),
            promotions: Vec::new(),
            next: None,
        };
        let merchant = &found.merchant;
        if request.version.is_none() && catalogs.catalog(merchant).await?.is_none() {
            return Ok(found);
        }
        let (version, of) = self.version(merchant, kind, request.version).await?;
        let filter = Filter::of(&request.filter);
        let (mut rows, mut after, mut looked_at) = (Vec::new(), request.after, 0);
        found.next = loop {
            let page = catalogs.catalog_page(merchant, version, after.as_ref(), PAGE).await?;
            if page.is_empty() {
                break None;
            }
            looked_at += page.len();
            for row in page {
                if rows.len() == request.limit {
                    break;
                }
                after = Some(row.id.clone());
                if filter.takes(&row, &cells(&row)?) {
                    rows.push(row);
                }
            }
            if rows.len() == request.limit || looked_at >= LOOKED_AT {
                break after;
            }
        };
        (found.version, found.of) = (Some(version), of);
        match kind {
            CatalogKind::Product => found.items = rows.iter().map(view).collect::<Result<_, _>>()?,
            CatalogKind::Promotion => found.promotions = rows.into_iter().map(stored).collect::<Result<_, _>>()?,
        }
        Ok(found)
    }

    pub(super) async fn columns(&self, request: ListCatalogColumns) -> Result<CatalogColumns, OperatorError> {
        let (merchant, kind) = (request.merchant, request.kind);
        let (version, items) = self.version(&merchant, kind, request.version).await?;
        let catalogs = self.parts.catalogs.of(kind);
        let (mut names, mut after) = (ColumnNames::default(), None);
        names.add_name(key(&kind.feed()).name);
        loop {
            let page = catalogs.catalog_page(&merchant, version, after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            page.iter().for_each(|row| names.add(&row.content));
        }
        Ok(CatalogColumns {
            merchant,
            kind,
            version,
            items,
            columns: names.iter().map(str::to_owned).collect(),
        })
    }

    pub(super) async fn rows(&self, request: ReadCatalogRows) -> Result<CatalogRowPage, OperatorError> {
        let limit = request.limit.clamp(1, PAGE);
        let catalogs = self.parts.catalogs.of(request.kind);
        let page = catalogs
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
        kind: CatalogKind,
        asked: Option<CatalogVersion>,
    ) -> Result<(CatalogVersion, u64), OperatorError> {
        let store = self.parts.catalogs.of(kind);
        let found = match asked {
            None => store.catalog(merchant).await?,
            Some(version) => {
                let known = store.catalog_versions(merchant, usize::MAX >> 1).await?;
                known.into_iter().find(|known| known.version == version)
            }
        };
        let found = found.map(|found| (found.version, found.items));
        found.ok_or_else(|| {
            let (name, option) = (named(kind, merchant), option(kind));
            OperatorError::absent(match asked {
                None => format!("nothing was imported into {name} yet"),
                Some(version) => format!(
                    "there is no version {version} of {name}; tillhouse catalog history --merchant {merchant}{option} shows which there are"
                ),
            })
        })
    }
}

fn named(kind: CatalogKind, merchant: &MerchantId) -> String {
    match kind {
        CatalogKind::Product => format!("the catalog of {merchant}"),
        CatalogKind::Promotion => format!("the promotions of {merchant}"),
    }
}

const fn row_of(kind: CatalogKind) -> &'static str {
    match kind {
        CatalogKind::Product => "item",
        CatalogKind::Promotion => "promotion",
    }
}

/// What the verbs of the catalog need so that they are about this kind.
const fn option(kind: CatalogKind) -> &'static str {
    match kind {
        CatalogKind::Product => "",
        CatalogKind::Promotion => " --feed promotion",
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

fn view(row: &CatalogRow) -> Result<CatalogItemView, OperatorError> {
    let cells = cells(row)?;
    let cell = |name| cells.get(name).map(str::to_owned);
    Ok(CatalogItemView {
        id: row.id.clone(),
        title: cell("title").unwrap_or_default(),
        price: cell("price").unwrap_or_default(),
        sale_price: cell("sale_price"),
        availability: cell("availability").unwrap_or_default(),
        inventory_quantity: cell("inventory_quantity"),
    })
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
