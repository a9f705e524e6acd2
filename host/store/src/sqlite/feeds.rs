//! Uploads of feeds: their writes, through the one writer, and their reads.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use super::db_error;
use super::leases::Leases;
use super::read_error::ReadError;
use crate::column::{millis, parse_json, timestamp, to_i64, to_json, to_limit};
use tillhouse_checkout::feed::{FeedRowError, FeedUpload};
use tillhouse_checkout::ids::{FeedUploadId, MerchantId};
use tillhouse_checkout::plugin_data::Namespace;
use tillhouse_checkout::ports::{ChangedCounter, CommitError, FeedFilter};
use tillhouse_checkout::time::Timestamp;

/// Uploads deleted per unit of work, each with the rows that were refused.
pub(super) const PURGE_BATCH: u64 = 100;

/// The conditions must equal that of the index `feed_upload_open`, so that the index is used.
macro_rules! open_uploads {
    ($condition:literal) => {
        concat!(
            "SELECT next_try, body FROM feed_upload AS this WHERE status IN ('asked', 'uploading', 'processing') AND ",
            $condition,
            " AND (beside OR NOT EXISTS (SELECT 1 FROM feed_upload AS earlier WHERE earlier.merchant = this.merchant \
             AND earlier.destination = this.destination AND earlier.status IN ('asked', 'uploading', 'processing') \
             AND earlier.seq < this.seq)) ORDER BY seq LIMIT ?2"
        )
    };
}

const DUE: &str = open_uploads!("(next_try <= ?1 OR next_try > ?3)");
const OPEN: &str = open_uploads!("id = ?1");

const INSERT: &str = "INSERT INTO feed_upload \
     (id, merchant, destination, feed, status, beside, next_try, ended, remote_file, remote_import, body) \
     SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 WHERE ?6 OR NOT EXISTS (SELECT 1 FROM feed_upload \
     WHERE merchant = ?2 AND destination = ?3 AND status IN ('asked', 'uploading', 'processing')) \
     ON CONFLICT (id) DO NOTHING";

/// A webhook that came while the step was running keeps the upload due.
const UPDATE: &str = "UPDATE feed_upload SET status = ?2, next_try = CASE WHEN hurried THEN min(next_try, ?3) ELSE ?3 END, \
     hurried = 0, ended = ?4, remote_file = ?5, remote_import = ?6, body = ?7 \
     WHERE id = ?1 AND status IN ('asked', 'uploading', 'processing') RETURNING seq";

const HURRY: &str = "UPDATE feed_upload SET next_try = min(next_try, ?2), hurried = 1 \
     WHERE id = ?1 AND status IN ('asked', 'uploading', 'processing')";

/// Of each type and destination the newest that ended stays; and the newest that succeeded, and that has a feed at the other party,
/// because later uploads are made after them.
const ENDED: &str = "SELECT seq FROM feed_upload WHERE ended < ?1 AND seq NOT IN (\
     SELECT max(seq) FROM feed_upload WHERE ended IS NOT NULL GROUP BY merchant, destination, feed \
     UNION SELECT max(seq) FROM feed_upload WHERE status IN ('succeeded', 'succeeded_with_errors') \
     GROUP BY merchant, destination, feed \
     UNION SELECT max(seq) FROM feed_upload WHERE remote_file IS NOT NULL GROUP BY merchant, destination, feed) \
     ORDER BY ended LIMIT ?2";

const IN_USE: &str = "SELECT next_try, body FROM feed_upload WHERE merchant = ?1 \
     AND (status IN ('asked', 'uploading', 'processing') OR seq IN (SELECT max(seq) FROM feed_upload \
     WHERE merchant = ?1 AND status IN ('succeeded', 'succeeded_with_errors') GROUP BY destination, feed)) ORDER BY seq";

/// A write of an upload.
pub(super) enum FeedWrite {
    /// A new one, and whether it must be the only open one to its destination.
    Insert(FeedUpload, bool),
    /// One that is leased, with the rows that were refused if it has ended.
    Replace(FeedUpload, Option<Vec<FeedRowError>>),
    /// One that a webhook is about.
    Hurry(FeedUploadId, Timestamp),
    /// One that is open, or all: why, and when.
    GiveUp(Option<FeedUploadId>, String, Timestamp),
    /// A batch of those that ended before a time.
    Purge(Timestamp),
}

/// Returns the number of uploads that were written.
pub(super) fn apply(db: &Connection, write: &FeedWrite, leases: &Leases<FeedUploadId>) -> Result<u64, CommitError> {
    match write {
        FeedWrite::Insert(upload, alone) => insert(db, upload, *alone).map(|()| 1),
        FeedWrite::Replace(upload, errors) => {
            if upload.epoch == 0 || leases.epoch(&upload.id) != upload.epoch {
                return Err(CommitError::Feed);
            }
            replace(db, upload, errors.as_deref()).map(|()| 1)
        }
        FeedWrite::Hurry(id, now) => db
            .prepare_cached(HURRY)
            .and_then(|mut statement| statement.execute((id.as_str(), millis(*now))))
            .map(|hurried| hurried as u64)
            .map_err(db_error::classify),
        FeedWrite::GiveUp(id, why, now) => give_up(db, id.as_ref(), why, *now),
        FeedWrite::Purge(before) => purge(db, *before).map_err(db_error::classify),
    }
}

fn insert(db: &Connection, upload: &FeedUpload, alone: bool) -> Result<(), CommitError> {
    let body = to_json(upload)?;
    let inserted = db
        .prepare_cached(INSERT)
        .and_then(|mut statement| {
            statement.execute((
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
                body,
            ))
        })
        .map_err(db_error::classify)?;
    match inserted {
        0 => Err(CommitError::Feed),
        _ => Ok(()),
    }
}

fn replace(db: &Connection, upload: &FeedUpload, errors: Option<&[FeedRowError]>) -> Result<(), CommitError> {
    let body = to_json(upload)?;
    let written = db
        .prepare_cached(UPDATE)
        .and_then(|mut statement| {
            let row = (
                upload.id.as_str(),
                upload.status.as_str(),
                millis(upload.next_try),
                upload.ended.map(millis),
                &upload.remote.file,
                &upload.remote.import,
                body,
            );
            statement.query_row(row, |row| row.get::<_, i64>(0)).optional()
        })
        .map_err(db_error::classify)?;
    let seq = written.ok_or(CommitError::Feed)?;
    if let Some(errors) = errors {
        let rows = errors.iter().map(to_json).collect::<Result<Vec<_>, _>>()?;
        keep_errors(db, seq, &rows).map_err(db_error::classify)?;
    }
    Ok(())
}

fn give_up(db: &Connection, id: Option<&FeedUploadId>, why: &str, now: Timestamp) -> Result<u64, CommitError> {
    let open = list(
        db,
        "SELECT next_try, body FROM feed_upload WHERE status IN ('asked', 'uploading', 'processing') \
         AND (?1 IS NULL OR id = ?1)",
        vec![id.map(|id| id.as_str().to_owned()).into()],
    )?;
    let count = open.len() as u64;
    for upload in open {
        replace(db, &upload.given_up(why, now), None)?;
    }
    Ok(count)
}

fn keep_errors(db: &Connection, seq: i64, rows: &[String]) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM feed_error WHERE upload = ?1")?
        .execute([seq])?;
    let mut insert = db.prepare_cached("INSERT INTO feed_error (upload, place, body) VALUES (?1, ?2, ?3)")?;
    for (place, row) in rows.iter().enumerate() {
        insert.execute((seq, to_i64(place as u64), row))?;
    }
    Ok(())
}

fn purge(db: &Connection, before: Timestamp) -> rusqlite::Result<u64> {
    let ended: Vec<i64> = db
        .prepare_cached(ENDED)?
        .query_map((millis(before), to_i64(PURGE_BATCH)), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for seq in &ended {
        for statement in [
            "DELETE FROM feed_error WHERE upload = ?1",
            "DELETE FROM feed_upload WHERE seq = ?1",
        ] {
            db.prepare_cached(statement)?.execute([seq])?;
        }
    }
    Ok(ended.len() as u64)
}

pub(super) fn by_id(db: &Connection, id: &FeedUploadId) -> Result<Option<FeedUpload>, ReadError> {
    let sql = "SELECT next_try, body FROM feed_upload WHERE id = ?1";
    Ok(list(db, sql, vec![Value::from(id.as_str().to_owned())])?.pop())
}

/// The uploads of a merchant that later ones depend on.
pub(super) fn in_use(db: &Connection, merchant: &MerchantId) -> Result<Vec<FeedUpload>, ReadError> {
    list(db, IN_USE, vec![Value::from(merchant.as_str().to_owned())])
}

/// The open uploads that are due, the oldest first.
pub(super) fn due(db: &Connection, now: Timestamp, limit: usize) -> Result<Vec<FeedUpload>, ReadError> {
    let beyond = FeedUpload::beyond_any_pause(now);
    let values = [millis(now), to_limit(limit), millis(beyond)];
    list(db, DUE, values.map(Value::from).to_vec())
}

/// An open upload that no earlier one holds up.
pub(super) fn open(db: &Connection, id: &FeedUploadId) -> Result<Option<FeedUpload>, ReadError> {
    Ok(list(db, OPEN, vec![Value::from(id.as_str().to_owned()), Value::from(1)])?.pop())
}

/// Uploads that match a filter, the newest first.
pub(super) fn filtered(db: &Connection, filter: &FeedFilter) -> Result<Vec<FeedUpload>, ReadError> {
    let mut sql = "SELECT next_try, body FROM feed_upload WHERE TRUE".to_owned();
    let mut values: Vec<Value> = Vec::new();
    let mut restrict = |condition: &str, texts: &[&str]| {
        sql.push_str(condition);
        values.extend(texts.iter().map(|text| Value::from((*text).to_owned())));
    };
    if let Some(merchant) = &filter.merchant {
        restrict(" AND merchant = ?", &[merchant.as_str()]);
    }
    if let Some(destination) = &filter.destination {
        restrict(" AND destination = ?", &[destination]);
    }
    if let Some(feed) = &filter.feed {
        restrict(" AND feed = ?", &[feed.as_str()]);
    }
    if !filter.states.is_empty() {
        let states: Vec<&str> = filter.states.iter().map(|status| status.as_str()).collect();
        let marks = vec!["?"; states.len()].join(", ");
        restrict(&format!(" AND status IN ({marks})"), &states);
    }
    if let Some(remote) = &filter.remote {
        restrict(" AND (remote_file = ? OR remote_import = ?)", &[remote, remote]);
    }
    if filter.with_file {
        sql.push_str(" AND remote_file IS NOT NULL");
    }
    sql.push_str(" ORDER BY seq DESC LIMIT ?");
    values.push(Value::from(to_limit(filter.limit)));
    list(db, &sql, values)
}

fn list(db: &Connection, sql: &str, values: Vec<Value>) -> Result<Vec<FeedUpload>, ReadError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut uploads = Vec::new();
    while let Some(row) = rows.next()? {
        uploads.push(read(row)?);
    }
    Ok(uploads)
}

fn read(row: &Row<'_>) -> Result<FeedUpload, ReadError> {
    let upload: FeedUpload = parse_json("feed upload", row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
    Ok(FeedUpload {
        next_try: timestamp(row.get(0)?),
        ..upload
    })
}

/// Rows that were refused, after so many of them.
pub(super) fn errors(
    db: &Connection,
    id: &FeedUploadId,
    after: usize,
    limit: usize,
) -> Result<Vec<FeedRowError>, ReadError> {
    let mut statement = db.prepare_cached(
        "SELECT body FROM feed_error WHERE upload = (SELECT seq FROM feed_upload WHERE id = ?1) AND place >= ?2 \
         ORDER BY place LIMIT ?3",
    )?;
    let mut rows = statement.query((id.as_str(), to_limit(after), to_limit(limit)))?;
    let mut errors = Vec::new();
    while let Some(row) = rows.next()? {
        let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        errors.push(parse_json("refused row of a feed", body)?);
    }
    Ok(errors)
}

/// Counters of a plugin's data that changed after a mark, in the order of their marks.
pub(super) fn changed_counters(
    db: &Connection,
    namespace: &Namespace,
    after: u64,
    limit: usize,
) -> rusqlite::Result<Vec<ChangedCounter>> {
    db.prepare_cached(
        "SELECT key, changed FROM counter WHERE merchant = ?1 AND plugin = ?2 AND changed > ?3 ORDER BY changed LIMIT ?4",
    )?
    .query_map(
        (
            namespace.merchant.as_str(),
            namespace.plugin.as_str(),
            to_i64(after),
            to_limit(limit),
        ),
        |row| {
            Ok(ChangedCounter {
                key: row.get(0)?,
                mark: row.get::<_, i64>(1)?.unsigned_abs(),
            })
        },
    )?
    .collect()
}
