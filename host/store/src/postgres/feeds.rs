//! Uploads of feeds: their writes and reads. The epoch fences off a host that has lost its lease.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::connections::Connections;
use super::pipeline::{Step, params};
use crate::column::{millis, parse_json, timestamp, to_i64, to_json, to_limit};
use tillhouse_checkout::feed::{FeedRowError, FeedStatus, FeedUpload};
use tillhouse_checkout::ids::{FeedUploadId, HostId, ItemId, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::plugin_data::Namespace;
use tillhouse_checkout::ports::{ChangedCounter, CommitError, FeedFilter, StoreError, UploadedItem};
use tillhouse_checkout::time::Timestamp;

/// The index `feed_upload_alone` refuses what another host inserts at the same time.
const INSERT: &str = "INSERT INTO feed_upload \
     (id, merchant, destination, feed, status, beside, next_try, ended, remote_file, remote_import, body) \
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 WHERE $6 OR NOT EXISTS (SELECT 1 FROM feed_upload \
     WHERE merchant = $2 AND destination = $3 AND status IN ('asked', 'uploading', 'processing')) \
     ON CONFLICT DO NOTHING RETURNING 1";

/// A webhook that came while the step was running keeps the upload due.
const UPDATE: &str = "UPDATE feed_upload SET status = $3, \
     next_try = CASE WHEN hurried THEN least(next_try, $4::bigint) ELSE $4::bigint END, hurried = false, ended = $5, \
     remote_file = $6, remote_import = $7, body = $8, \
     lease_owner = CASE WHEN $9 THEN lease_owner END, lease_until = CASE WHEN $9 THEN lease_until END \
     WHERE id = $1 AND lease_epoch = $2 AND $2 > 0 AND status IN ('asked', 'uploading', 'processing') RETURNING 1";

const FORGET_ERRORS: &str = "DELETE FROM feed_error WHERE upload = (SELECT seq FROM feed_upload WHERE id = $1)";
const KEEP_ERRORS: &str = "INSERT INTO feed_error (upload, place, body) SELECT seq, place - 1, error \
     FROM feed_upload, unnest($2::text[]) WITH ORDINALITY AS errors (error, place) WHERE id = $1";

/// An earlier upload to the same destination is done first, unless this one was asked for beside it.
macro_rules! lease_open {
    ($condition:literal) => {
        concat!(
            "WITH ready AS MATERIALIZED (SELECT seq FROM feed_upload AS this \
             WHERE status IN ('asked', 'uploading', 'processing') AND ",
            $condition,
            " AND (lease_until IS NULL OR lease_until <= clock_timestamp()) \
             AND (beside OR NOT EXISTS (SELECT 1 FROM feed_upload AS earlier WHERE earlier.merchant = this.merchant \
             AND earlier.destination = this.destination AND earlier.status IN ('asked', 'uploading', 'processing') \
             AND earlier.seq < this.seq)) ORDER BY seq LIMIT $4 FOR UPDATE SKIP LOCKED) \
             UPDATE feed_upload AS this SET lease_owner = $1, lease_epoch = lease_epoch + 1, \
             lease_until = clock_timestamp() + make_interval(secs => $2) FROM ready WHERE this.seq = ready.seq \
             RETURNING next_try, body, lease_epoch, this.seq"
        )
    };
}

const LEASE_DUE: &str = lease_open!("(next_try <= $3 OR next_try > $5)");
const LEASE_ONE: &str = lease_open!("id = $3");

/// Of each type and destination the newest that ended stays; and the newest that succeeded, and that has a feed at the other party,
/// because later uploads are made after them.
const PURGE: &str = "DELETE FROM feed_upload WHERE ended < $1 AND seq NOT IN (\
     SELECT max(seq) FROM feed_upload WHERE ended IS NOT NULL GROUP BY merchant, destination, feed \
     UNION SELECT max(seq) FROM feed_upload WHERE status IN ('succeeded', 'succeeded_with_errors') \
     GROUP BY merchant, destination, feed \
     UNION SELECT max(seq) FROM feed_upload WHERE remote_file IS NOT NULL GROUP BY merchant, destination, feed) \
     RETURNING 1";

const IN_USE: &str = "SELECT next_try, body FROM feed_upload WHERE merchant = $1 \
     AND (status IN ('asked', 'uploading', 'processing') OR seq IN (SELECT max(seq) FROM feed_upload \
     WHERE merchant = $1 AND status IN ('succeeded', 'succeeded_with_errors') GROUP BY destination, feed)) ORDER BY seq";

pub(super) fn insert(upload: &FeedUpload, alone: bool) -> Result<Vec<Step<'_>>, StoreError> {
    let params = params![
        upload.id.as_str(),
        upload.merchant.as_str(),
        &upload.destination,
        upload.feed.as_str(),
        upload.status.as_str(),
        !alone,
        millis(upload.next_try),
        upload.ended.map(millis),
        &upload.remote.file,
        &upload.remote.import,
        to_json(upload)?,
    ];
    Ok(vec![Step::new(INSERT, params).or_conflict(CommitError::Feed)])
}

/// Writes an upload that is leased, with the rows that were refused if it has ended.
pub(super) fn replace<'a>(
    upload: &'a FeedUpload,
    errors: Option<&[FeedRowError]>,
    keeps_lease: bool,
) -> Result<Vec<Step<'a>>, StoreError> {
    let params = params![
        upload.id.as_str(),
        to_i64(upload.epoch),
        upload.status.as_str(),
        millis(upload.next_try),
        upload.ended.map(millis),
        &upload.remote.file,
        &upload.remote.import,
        to_json(upload)?,
        keeps_lease && upload.status.is_open(),
    ];
    let mut steps = vec![Step::new(UPDATE, params).or_conflict(CommitError::Feed)];
    if let Some(errors) = errors {
        let errors = errors.iter().map(to_json).collect::<Result<Vec<_>, _>>()?;
        steps.push(Step::new(FORGET_ERRORS, params![upload.id.as_str()]));
        steps.push(Step::new(KEEP_ERRORS, params![upload.id.as_str(), errors]));
    }
    Ok(steps)
}

pub(super) async fn hurry(connections: &Connections, id: &FeedUploadId, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE feed_upload SET next_try = least(next_try, $2), hurried = true \
               WHERE id = $1 AND status IN ('asked', 'uploading', 'processing')";
    connections.write(sql, &[&id.as_str(), &millis(now)]).await.map(|_| ())
}

pub(super) async fn purge(connections: &Connections, before: Timestamp) -> Result<u64, StoreError> {
    Ok(connections.write(PURGE, &[&millis(before)]).await?.len() as u64)
}

/// Gives up one open upload, or all; their leases end with them. A host that commits meanwhile is let through first: what it has written
/// is kept.
pub(super) async fn give_up(
    connections: &Connections,
    id: Option<&FeedUploadId>,
    why: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let open = "SELECT next_try, body FROM feed_upload WHERE status IN ('asked', 'uploading', 'processing') \
                AND ($1::text IS NULL OR id = $1)";
    let sql = "UPDATE feed_upload SET status = $2, ended = $3, body = $4, lease_owner = NULL, lease_until = NULL, \
               lease_epoch = lease_epoch + 1 \
               WHERE id = $1 AND body = $5 AND status IN ('asked', 'uploading', 'processing') RETURNING 1";
    let mut count = 0;
    loop {
        let rows = connections.read(open, &[&id.map(FeedUploadId::as_str)]).await?;
        if rows.is_empty() {
            return Ok(count);
        }
        for row in rows {
            let upload = read(&row)?.given_up(why, now);
            let params: [&(dyn ToSql + Sync); 5] = [
                &upload.id.as_str(),
                &upload.status.as_str(),
                &upload.ended.map(millis),
                &to_json(&upload)?,
                &row.get::<_, &str>(1),
            ];
            count += connections.write(sql, &params).await?.len() as u64;
        }
    }
}

pub(super) async fn by_id(connections: &Connections, id: &FeedUploadId) -> Result<Option<FeedUpload>, StoreError> {
    let sql = "SELECT next_try, body FROM feed_upload WHERE id = $1";
    let rows = connections.read(sql, &[&id.as_str()]).await?;
    rows.first().map(read).transpose()
}

/// Uploads that match a filter, the newest first.
pub(super) async fn filtered(connections: &Connections, filter: &FeedFilter) -> Result<Vec<FeedUpload>, StoreError> {
    let sql = "SELECT next_try, body FROM feed_upload WHERE ($1::text IS NULL OR merchant = $1) \
               AND ($2::text IS NULL OR destination = $2) AND ($3::text IS NULL OR feed = $3) \
               AND (cardinality($4::text[]) = 0 OR status = ANY ($4)) \
               AND ($5::text IS NULL OR remote_file = $5 OR remote_import = $5) \
               AND (NOT $7 OR remote_file IS NOT NULL) ORDER BY seq DESC LIMIT $6";
    let states: Vec<&str> = filter.states.iter().map(FeedStatus::as_str).collect();
    let params: [&(dyn ToSql + Sync); 7] = [
        &filter.merchant.as_ref().map(MerchantId::as_str),
        &filter.destination,
        &filter.feed.as_ref().map(|feed| feed.as_str()),
        &states,
        &filter.remote,
        &to_limit(filter.limit),
        &filter.with_file,
    ];
    connections.read(sql, &params).await?.iter().map(read).collect()
}

/// The uploads of a merchant that later ones depend on.
pub(super) async fn in_use(connections: &Connections, merchant: &MerchantId) -> Result<Vec<FeedUpload>, StoreError> {
    let rows = connections.read(IN_USE, &[&merchant.as_str()]).await?;
    rows.iter().map(read).collect()
}

/// Reads a row that begins with the columns `next_try, body`.
fn read(row: &Row) -> Result<FeedUpload, StoreError> {
    let upload: FeedUpload = parse_json("feed upload", row.get(1))?;
    Ok(FeedUpload {
        next_try: timestamp(row.get(0)),
        ..upload
    })
}

fn read_leased(row: &Row) -> Result<FeedUpload, StoreError> {
    Ok(FeedUpload {
        epoch: row.get::<_, i64>(2).unsigned_abs(),
        ..read(row)?
    })
}

pub(super) async fn errors(
    connections: &Connections,
    id: &FeedUploadId,
    after: usize,
    limit: usize,
) -> Result<Vec<FeedRowError>, StoreError> {
    let sql = "SELECT body FROM feed_error WHERE upload = (SELECT seq FROM feed_upload WHERE id = $1) AND place >= $2 \
               ORDER BY place LIMIT $3";
    let params: [&(dyn ToSql + Sync); 3] = [&id.as_str(), &to_limit(after), &to_limit(limit)];
    let rows = connections.read(sql, &params).await?;
    rows.iter()
        .map(|row| parse_json("refused row of a feed", row.get(0)))
        .collect()
}

/// Leases uploads that are due, the oldest first.
pub(super) async fn lease_due(
    connections: &Connections,
    by: &LeaseHolder,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<FeedUpload>, StoreError> {
    let params: [&(dyn ToSql + Sync); 5] = [
        &by.host.as_str(),
        &by.lease.as_secs_f64(),
        &millis(now),
        &to_limit(limit),
        &millis(FeedUpload::beyond_any_pause(now)),
    ];
    let mut rows = connections.write(LEASE_DUE, &params).await?;
    // An UPDATE returns its rows in any order.
    rows.sort_by_key(|row| row.get::<_, i64>(3));
    rows.iter().map(read_leased).collect()
}

pub(super) async fn lease(
    connections: &Connections,
    by: &LeaseHolder,
    id: &FeedUploadId,
) -> Result<Option<FeedUpload>, StoreError> {
    let params: [&(dyn ToSql + Sync); 4] = [&by.host.as_str(), &by.lease.as_secs_f64(), &id.as_str(), &1_i64];
    let rows = connections.write(LEASE_ONE, &params).await?;
    rows.first().map(read_leased).transpose()
}

pub(super) async fn renew(
    connections: &Connections,
    by: &LeaseHolder,
    upload: &FeedUpload,
) -> Result<bool, StoreError> {
    let sql = "UPDATE feed_upload SET lease_until = clock_timestamp() + make_interval(secs => $2) \
               WHERE id = $3 AND lease_epoch = $4 AND lease_owner = $1 RETURNING 1";
    let params: [&(dyn ToSql + Sync); 4] = [
        &by.host.as_str(),
        &by.lease.as_secs_f64(),
        &upload.id.as_str(),
        &to_i64(upload.epoch),
    ];
    Ok(!connections.write(sql, &params).await?.is_empty())
}

/// Releases every lease of a host.
pub(super) async fn release_leases(connections: &Connections, host: &HostId) -> Result<(), StoreError> {
    let sql = "UPDATE feed_upload SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = $1";
    connections.write(sql, &[&host.as_str()]).await.map(|_| ())
}

pub(super) async fn uploaded_items(
    connections: &Connections,
    merchant: &MerchantId,
    destination: &str,
    ids: &[ItemId],
) -> Result<Vec<Option<UploadedItem>>, StoreError> {
    let sql = "SELECT content FROM unnest($3::text[]) WITH ORDINALITY AS wanted (item, place) LEFT JOIN feed_uploaded \
               ON merchant = $1 AND destination = $2 AND id = item ORDER BY place";
    let wanted: Vec<&str> = ids.iter().map(ItemId::as_str).collect();
    let rows = connections
        .read(sql, &[&merchant.as_str(), &destination, &wanted])
        .await?;
    let found = ids.iter().zip(rows).map(|(id, row)| {
        let content: Option<Vec<u8>> = row.get(0);
        content.map(|content| UploadedItem {
            id: id.clone(),
            content,
        })
    });
    Ok(found.collect())
}

pub(super) async fn uploaded_items_after(
    connections: &Connections,
    merchant: &MerchantId,
    destination: &str,
    after: Option<&ItemId>,
    limit: usize,
) -> Result<Vec<UploadedItem>, StoreError> {
    let sql = "SELECT id, content FROM feed_uploaded WHERE merchant = $1 AND destination = $2 AND id > $3 \
               ORDER BY id LIMIT $4";
    let after = after.map_or("", ItemId::as_str);
    let params: [&(dyn ToSql + Sync); 4] = [&merchant.as_str(), &destination, &after, &to_limit(limit)];
    let rows = connections.read(sql, &params).await?;
    let item = |row: &Row| UploadedItem {
        id: ItemId::new(row.get::<_, String>(0)),
        content: row.get(1),
    };
    Ok(rows.iter().map(item).collect())
}

pub(super) fn remember<'a>(
    merchant: &'a MerchantId,
    destination: &'a str,
    items: &'a [UploadedItem],
    forgotten: &'a [ItemId],
) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    if !forgotten.is_empty() {
        let ids: Vec<&str> = forgotten.iter().map(ItemId::as_str).collect();
        steps.push(Step::new(
            "DELETE FROM feed_uploaded WHERE merchant = $1 AND destination = $2 AND id = ANY ($3)",
            params![merchant.as_str(), destination, ids],
        ));
    }
    let (ids, contents): (Vec<&str>, Vec<&[u8]>) = items
        .iter()
        .map(|item| (item.id.as_str(), item.content.as_slice()))
        .unzip();
    steps.push(Step::new(
        "INSERT INTO feed_uploaded (merchant, destination, id, content) SELECT $1, $2, item, known \
         FROM unnest($3::text[], $4::bytea[]) AS items (item, known) ORDER BY item \
         ON CONFLICT (merchant, destination, id) DO UPDATE SET content = excluded.content",
        params![merchant.as_str(), destination, ids, contents],
    ));
    steps
}

/// Counters of a plugin's data that changed after a mark, in the order of their marks. Those of one transaction have the same mark, and
/// are in one page. In a database that was moved to another server, whose numbers of transactions are lower, everything counts as changed
/// once.
pub(super) async fn changed_counters(
    connections: &Connections,
    namespace: &Namespace,
    after: u64,
    limit: usize,
) -> Result<Vec<ChangedCounter>, StoreError> {
    let sql = "WITH now AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS settled, \
               pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS newest), \
               known AS MATERIALIZED (SELECT settled, newest, CASE WHEN $3 < newest THEN $3 ELSE 0 END AS after FROM now) \
               SELECT key, CASE WHEN changed < newest THEN changed ELSE 1 END AS mark FROM counter, known \
               WHERE merchant = $1 AND plugin = $2 AND changed > after \
               AND (changed < settled OR (changed >= newest AND after = 0)) ORDER BY mark FETCH FIRST $4 ROWS WITH TIES";
    let (merchant, plugin) = (namespace.merchant.as_str(), namespace.plugin.as_str());
    let params: [&(dyn ToSql + Sync); 4] = [&merchant, &plugin, &to_i64(after), &to_limit(limit)];
    let rows = connections.read(sql, &params).await?;
    rows.iter()
        .map(|row| {
            let key = String::from_utf8(row.get(0)).map_err(StoreError::caused_by)?;
            Ok(ChangedCounter {
                key,
                mark: row.get::<_, i64>(1).unsigned_abs(),
            })
        })
        .collect()
}
