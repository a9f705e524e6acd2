//! Rows of a version, by id, in pages, and compared with those of another version.

use tokio_postgres::types::ToSql;

use crate::column::{to_i64, to_limit};
use crate::postgres::connections::Connections;
use tillhouse_checkout::catalog::{CatalogChange, CatalogRow, CatalogVersion};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::StoreError;

/// The line of the row `item` in its chunk `place`, as a number; 0 if it has none.
macro_rules! line {
    () => {
        "coalesce(get_byte(place.lines, (item.number % 512)::int * 4)::bigint \
         + get_byte(place.lines, (item.number % 512)::int * 4 + 1)::bigint * 256 \
         + get_byte(place.lines, (item.number % 512)::int * 4 + 2)::bigint * 65536 \
         + get_byte(place.lines, (item.number % 512)::int * 4 + 3)::bigint * 16777216, 0)"
    };
}
pub(super) use line;

/// Rows of a version of the merchant $1 that are in force, as `id, line, content`, with a condition and an order.
macro_rules! item_rows {
    ($version:literal, $condition:literal) => {
        concat!(
            "SELECT item.id, ",
            line!(),
            " AS line, item.content FROM catalog_item AS item LEFT JOIN catalog_line AS place \
             ON place.merchant = item.merchant AND place.chunk = item.number / 512 \
             WHERE item.merchant = $1 AND item.since <= ",
            $version,
            " AND item.",
            $condition
        )
    };
}

/// The same of those that are not in force any more.
macro_rules! former_rows {
    ($version:literal, $condition:literal) => {
        concat!(
            "SELECT former.id, former.line, former.content FROM catalog_former AS former \
             WHERE former.merchant = $1 AND former.since <= ",
            $version,
            " AND former.until > ",
            $version,
            " AND former.",
            $condition
        )
    };
}

const ROWS: &str = concat!(
    "SELECT found.line, found.content FROM unnest($3::text[]) WITH ORDINALITY AS wanted (id, place) LEFT JOIN (",
    item_rows!("$2", "id = ANY ($3)"),
    " UNION ALL ",
    former_rows!("$2", "id = ANY ($3)"),
    ") AS found ON found.id = wanted.id ORDER BY wanted.place"
);

const PAGE: &str = concat!(
    "(",
    item_rows!("$2", "id > $3 ORDER BY item.id LIMIT $4"),
    ") UNION ALL (",
    former_rows!("$2", "id > $3 ORDER BY former.id LIMIT $4"),
    ") ORDER BY id LIMIT $4"
);

/// Items that may differ: those with a row that begins or ends after the earlier version, and not after the later one. `since > 1` is
/// that of the index, and holds for whatever is newer than some version.
const CHANGES: &str = concat!(
    "WITH touched AS MATERIALIZED (SELECT id FROM catalog_item WHERE merchant = $1 AND id > $4 AND since > 1 \
     AND since > least($2::bigint, $3::bigint) AND since <= greatest($2, $3) \
     UNION SELECT id FROM catalog_former WHERE merchant = $1 AND id > $4 AND until > least($2, $3) \
     AND (until <= greatest($2, $3) OR (since > least($2, $3) AND since <= greatest($2, $3))) \
     ORDER BY id LIMIT $5), before AS MATERIALIZED (",
    item_rows!("$2", "id IN (SELECT id FROM touched)"),
    " UNION ALL ",
    former_rows!("$2", "id IN (SELECT id FROM touched)"),
    "), now AS MATERIALIZED (",
    item_rows!("$3", "id IN (SELECT id FROM touched)"),
    " UNION ALL ",
    former_rows!("$3", "id IN (SELECT id FROM touched)"),
    ") SELECT touched.id, before.line, before.content, now.line, now.content FROM touched \
     LEFT JOIN before ON before.id = touched.id LEFT JOIN now ON now.id = touched.id ORDER BY touched.id"
);

/// Rows by id, in the order of the ids.
pub(super) async fn rows(
    connections: &Connections,
    merchant: &MerchantId,
    version: CatalogVersion,
    ids: &[ItemId],
) -> Result<Vec<Option<CatalogRow>>, StoreError> {
    // The server takes no text with this character; a row without an id is not there either.
    let askable = |id: &&str| !id.contains('\0');
    let wanted = ids
        .iter()
        .map(|id| Some(id.as_str()).filter(askable).unwrap_or_default());
    let wanted: Vec<&str> = wanted.collect();
    let params: [&(dyn ToSql + Sync); 3] = [&merchant.as_str(), &to_i64(version.0), &wanted];
    let found = connections.read(ROWS, &params).await?;
    let rows = ids
        .iter()
        .zip(found)
        .map(|(id, row)| catalog_row(id, row.get(0), row.get(1)));
    Ok(rows.collect())
}

/// `None` without a line, which every row has.
fn catalog_row(id: &ItemId, line: Option<i64>, content: Option<Vec<u8>>) -> Option<CatalogRow> {
    Some(CatalogRow {
        id: id.clone(),
        line: line?.unsigned_abs(),
        content: content?,
    })
}

/// A page of rows in the byte order of their ids.
pub(super) async fn page(
    connections: &Connections,
    merchant: &MerchantId,
    version: CatalogVersion,
    after: Option<&ItemId>,
    limit: usize,
) -> Result<Vec<CatalogRow>, StoreError> {
    let params: [&(dyn ToSql + Sync); 4] = [
        &merchant.as_str(),
        &to_i64(version.0),
        &after.map_or("", ItemId::as_str),
        &to_limit(limit),
    ];
    let rows = connections.read(PAGE, &params).await?;
    let page = rows.iter().map(|row| CatalogRow {
        id: ItemId::new(row.get::<_, String>(0)),
        line: row.get::<_, i64>(1).unsigned_abs(),
        content: row.get(2),
    });
    Ok(page.collect())
}

/// A page of the items that differ between two versions.
pub(super) async fn changes(
    connections: &Connections,
    merchant: &MerchantId,
    (before, now): (CatalogVersion, CatalogVersion),
    after: Option<&ItemId>,
    limit: usize,
) -> Result<Vec<CatalogChange>, StoreError> {
    let mut changes = Vec::new();
    let mut after = after.map_or_else(String::new, |id| id.as_str().to_owned());
    while changes.len() < limit {
        let params: [&(dyn ToSql + Sync); 5] = [
            &merchant.as_str(),
            &to_i64(before.0),
            &to_i64(now.0),
            &after,
            &to_limit(limit - changes.len()),
        ];
        let rows = connections.read(CHANGES, &params).await?;
        let Some(last) = rows.last() else {
            break;
        };
        after = last.get(0);
        let touched = rows.iter().map(|row| {
            let id = ItemId::new(row.get::<_, String>(0));
            CatalogChange {
                before: catalog_row(&id, row.get(1), row.get(2)),
                now: catalog_row(&id, row.get(3), row.get(4)),
                id,
            }
        });
        changes.extend(touched.filter(CatalogChange::is_one));
    }
    Ok(changes)
}
