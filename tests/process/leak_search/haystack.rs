//! The places that are searched.

use std::fs;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use tillhouse_tests::TestFolder;
use tillhouse_tests::process::HostProcess;

/// Name of the database file.
const DATABASE: &str = "tillhouse.db";

/// The name of a searched place, and its contents.
#[derive(Clone, Debug)]
pub(crate) struct Haystack {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl Haystack {
    pub(crate) fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self {
            name: name.into(),
            bytes,
        }
    }
}

/// Every place in which a host stores or writes something. A new place must be added here.
pub(crate) fn of(host: &HostProcess) -> Vec<Haystack> {
    let log = Haystack::new("log", host.log());
    let left = below(&host.store_folder());
    left.into_iter().chain([log]).chain(backup(host)).collect()
}

fn backup(host: &HostProcess) -> Vec<Haystack> {
    let folder = TestFolder::new();
    let file = folder.path().join(DATABASE);
    let _ = host
        .run_json(&["backup", file.to_str().expect("a path in UTF-8")])
        .expect_exit(0);
    let copied = below(folder.path()).into_iter();
    copied
        .map(|it| Haystack::new(format!("backup: {}", it.name), it.bytes))
        .collect()
}

/// The files of a folder, and the tables of the database in it: long values are stored in pieces in the file.
pub(crate) fn below(folder: &Path) -> Vec<Haystack> {
    let mut found = files(folder);
    found.extend(tables(&folder.join(DATABASE)));
    found
}

fn files(folder: &Path) -> Vec<Haystack> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let name = entry.file_name().to_string_lossy().into_owned();
            found.push(Haystack::new(name, fs::read(&path).unwrap_or_default()));
        }
    }
    found
}

fn tables(file: &Path) -> Vec<Haystack> {
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the database can be opened");
    let mut names = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .expect("the schema can be read");
    let names = names
        .query_map([], |row| row.get::<_, String>(0))
        .expect("the schema can be read");
    let names: Vec<String> = names.collect::<Result<_, _>>().expect("table names can be read");
    names.into_iter().map(|name| table(&db, &name)).collect()
}

/// Every value of every row, one per line.
fn table(db: &Connection, name: &str) -> Haystack {
    let mut bytes = Vec::new();
    let mut statement = db
        .prepare(&format!("SELECT * FROM \"{name}\""))
        .expect("the table can be read");
    let columns = statement.column_count();
    let mut rows = statement.query([]).expect("the table can be read");
    while let Some(row) = rows.next().expect("the row can be read") {
        for column in 0..columns {
            match row.get_ref(column).expect("the column exists") {
                ValueRef::Null => {}
                ValueRef::Integer(number) => bytes.extend(number.to_string().bytes()),
                ValueRef::Real(number) => bytes.extend(number.to_string().bytes()),
                ValueRef::Text(text) | ValueRef::Blob(text) => bytes.extend_from_slice(text),
            }
            bytes.push(b'\n');
        }
    }
    Haystack::new(format!("table {name}"), bytes)
}

/// Makes a database whose outbox contains these bytes across a page boundary.
pub(crate) fn plant_in_database(folder: &Path, bytes: &[u8]) {
    let db = Connection::open(folder.join(DATABASE)).expect("the database can be created");
    db.execute_batch("PRAGMA page_size = 4096; CREATE TABLE outbox (payload BLOB) STRICT;")
        .expect("the table can be created");
    let long = [vec![b'.'; 4092], bytes.to_vec(), vec![b'.'; 4096]].concat();
    db.execute("INSERT INTO outbox VALUES (?1)", [long])
        .expect("the row can be inserted");
}
