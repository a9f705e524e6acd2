//! The numbers of a host's commits, in the database, and their memory in a folder of the host.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tillhouse_private_files::{Secrecy, check as check_folder, create_folder};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use super::open::PostgresOpenError;
use super::pipeline::{Step, params};
use crate::column::to_i64;
use crate::commit_marks::{CommitMarks, CommitNumber, Identity, MarkFile, MarkFileError, Remembered};
use crate::older_contract::HAS_CHECKOUTS;
use tillhouse_checkout::ports::{CommitError, Rewound, StoreError};

/// Hosts that may have their memory in one folder.
const MEMORIES: u32 = 64;

/// The first commit of a slot. A quarantine may have raised its number meanwhile; what is stored is returned.
const INSERT: &str = "INSERT INTO commit_mark AS mark (host, slot, number, seen) VALUES ($1, $2, $3, now()) \
     ON CONFLICT (host, slot) DO UPDATE SET number = greatest(mark.number + 1, EXCLUDED.number), seen = now() \
     WHERE mark.number >= $4 RETURNING number";
/// A later one: only on top of what was confirmed.
const UPDATE: &str = "UPDATE commit_mark SET number = greatest(number + 1, $3), seen = now() \
     WHERE host = $1 AND slot = $2 AND number >= $4 RETURNING number";
const FIND: &str = "SELECT store, slot, number FROM store_identity LEFT JOIN commit_mark ON host = $1";
/// The other hosts, and whether each was at work within the last hour: of those that are gone for good nothing is remembered.
const OTHERS: &str = "SELECT host, sum(number)::int8, max(seen) > now() - interval '1 hour' FROM commit_mark \
     WHERE host <> $1 GROUP BY host";
/// More commits than a host makes in any time that a store goes back.
const RAISE: &str = "UPDATE commit_mark SET number = number + 1000000000000";
/// Hosts that were not seen for longer than any memory is kept, except those whose memory is here. A host is forgotten as a whole: one
/// that has been idle in some of its slots still remembers their numbers.
const FORGET: &str = "DELETE FROM commit_mark WHERE host <> ALL ($1::text[]) AND host IN (SELECT host FROM commit_mark \
     GROUP BY host HAVING max(seen) < now() - interval '400 days')";

/// What the database has of a host.
struct Found {
    store: String,
    numbers: BTreeMap<usize, u64>,
}

/// The memory of this host, compared with the database. The first free file of the folder that is about this database is this host's,
/// else a new one; without a folder, what it remembers ends with the process. `is_new` says that the database has numbers since this start only.
pub(super) async fn open(
    client: &Client,
    folder: Option<&Path>,
    is_new: bool,
) -> Result<CommitMarks, PostgresOpenError> {
    let identity = new_identity(client).await?;
    let Some(folder) = folder else {
        return Ok(CommitMarks::begin(identity, None)?);
    };
    client.execute(FORGET, &[&remembered_hosts(folder)]).await?;
    // Tables that were made by this start, in a database with checkouts: it may be a known one of before its commits were numbered.
    let may_be_known = is_new && client.query_one(HAS_CHECKOUTS, &[]).await?.get(0);
    prepare_folder(folder)?;
    if let Some((file, Some(remembered))) = free_file(folder, |it| it.identity.store == identity.store)? {
        let found = find(client, &remembered.identity.host).await?;
        let marks = CommitMarks::resume(remembered.identity.clone(), file, &remembered);
        if marks.rewound().is_none() {
            marks.compare(&marks.confirmed(), &found.numbers);
        }
        return Ok(marks);
    }
    if may_be_known && let Some((file, Some(remembered))) = free_file(folder, |_| true)? {
        let marks = CommitMarks::resume(identity, file, &remembered);
        marks.note_rewound(Rewound::OtherStore);
        return Ok(marks);
    }
    let unused = files(folder).find_map(|path| match MarkFile::peek(&path) {
        Some(_) => None,
        None => lock(&path).transpose(),
    });
    match unused.transpose()? {
        Some((file, _)) => Ok(CommitMarks::begin(identity, Some(file))?),
        None => Err(MarkFileError::Locked(folder.to_owned()).into()),
    }
}

/// The hosts whose memory is in this folder.
fn remembered_hosts(folder: &Path) -> Vec<String> {
    let found = files(folder).filter_map(|path| MarkFile::peek(&path));
    found.map(|remembered| remembered.identity.host).collect()
}

fn prepare_folder(folder: &Path) -> Result<(), MarkFileError> {
    let failed = |source| MarkFileError::File {
        path: folder.to_owned(),
        source,
    };
    create_folder(folder).map_err(failed)?;
    check_folder(folder, Secrecy::Public).map_err(|exposure| failed(exposure.into()))
}

type Memory = (MarkFile, Option<Remembered>);

/// The first file of a memory like this that no other host has.
fn free_file(folder: &Path, is_wanted: impl Fn(&Remembered) -> bool) -> Result<Option<Memory>, MarkFileError> {
    files(folder)
        .filter(|path| MarkFile::peek(path).is_some_and(|found| is_wanted(&found)))
        .find_map(|path| lock(&path).transpose())
        .transpose()
}

/// The file for this host alone; `None` if another host has it.
fn lock(path: &Path) -> Result<Option<Memory>, MarkFileError> {
    match MarkFile::open_locked(path) {
        Ok(opened) => Ok(Some(opened)),
        Err(MarkFileError::Locked(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The files of the hosts that have their memory in one folder.
fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    (1..=MEMORIES).map(move |n| folder.join(format!("commits-{n}")))
}

async fn new_identity(client: &Client) -> Result<Identity, Error> {
    let row = client
        .query_one("SELECT store, gen_random_uuid()::text FROM store_identity", &[])
        .await?;
    Ok(Identity {
        store: row.get(0),
        host: row.get(1),
    })
}

async fn find(client: &Client, host: &str) -> Result<Found, Error> {
    let mut found = Found {
        store: String::new(),
        numbers: BTreeMap::new(),
    };
    for row in client.query(FIND, &[&host]).await? {
        found.store = row.get(0);
        if let (Some(slot), Some(number)) = (row.get::<_, Option<i32>>(1), row.get::<_, Option<i64>>(2)) {
            let slot = usize::try_from(slot).unwrap_or(usize::MAX);
            found.numbers.insert(slot, number.unsigned_abs());
        }
    }
    Ok(found)
}

/// Compares the database of a connection with what this host remembers of its own commits, and has seen of those of other hosts.
pub(super) async fn check(client: &Client, marks: &CommitMarks) -> Result<(), Error> {
    // Before the query: what is confirmed while it runs may not be in its answer.
    let (confirmed, others) = (marks.confirmed(), marks.others());
    match find(client, &marks.identity().host).await {
        Ok(found) if found.store == marks.identity().store => {
            marks.compare(&confirmed, &found.numbers);
            compare_others(client, marks, &others).await?;
        }
        Ok(_) => marks.note_rewound(Rewound::OtherStore),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => marks.note_rewound(Rewound::OtherStore),
        Err(error) => return Err(error),
    }
    Ok(())
}

async fn compare_others(client: &Client, marks: &CommitMarks, seen: &BTreeMap<String, u64>) -> Result<(), Error> {
    let (mut found, mut recent) = (BTreeMap::new(), BTreeMap::new());
    for row in client.query(OTHERS, &[&marks.identity().host]).await? {
        let (host, number): (String, i64) = (row.get(0), row.get(1));
        if row.get(2) {
            recent.insert(host.clone(), number.unsigned_abs());
        }
        found.insert(host, number.unsigned_abs());
    }
    marks.compare_others(seen, &found, recent);
    Ok(())
}

/// What the hosts whose memory is in this folder would notice; changes nothing. The memory of another store says nothing of this one.
pub(super) async fn inspect(client: &Client, folder: &Path) -> Result<Option<Rewound>, Error> {
    for path in files(folder) {
        // Before the query: with a host that runs, the database is ahead.
        let Some(remembered) = MarkFile::peek(&path) else {
            continue;
        };
        let found = find(client, &remembered.identity.host).await?;
        match remembered.compare(&found.store, &found.numbers) {
            None | Some(Rewound::OtherStore) => {}
            Some(rewound) => return Ok(Some(rewound)),
        }
    }
    Ok(None)
}

/// The numbers of every host are raised beyond what any host remembers: what they miss is in quarantine as well, and none of them
/// quarantines the store once more for the same loss.
pub(super) async fn raise_all(client: &Client) -> Result<(), Error> {
    client.execute(RAISE, &[]).await.map(|_| ())
}

/// Takes what the database has for confirmed.
pub(super) async fn begin_quarantine(client: &Client, marks: &CommitMarks) -> Result<(), Error> {
    let found = find(client, &marks.identity().host).await?;
    marks.begin_quarantine(&found.numbers);
    Ok(())
}

/// Numbers the transaction, and returns its number. Without a row the database went back in time.
pub(super) fn step<'a>(identity: &'a Identity, number: &CommitNumber<'_>) -> Step<'a> {
    let params = params![
        identity.host.as_str(),
        number.slot(),
        to_i64(number.number),
        to_i64(number.confirmed),
    ];
    let sql = if number.confirmed == 0 { INSERT } else { UPDATE };
    Step::new(sql, params).or_conflict(CommitError::Store(StoreError::new(
        "the store went back in time: the last commit of this host is missing",
    )))
}
