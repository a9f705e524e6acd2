-- The merchants' catalogs. A version is what `item` has of rows since then or before, and `former` of those that ended later.
-- Everything here can be imported again; money does not depend on it.

CREATE TABLE merchant (
    no   INTEGER PRIMARY KEY,
    name TEXT    NOT NULL UNIQUE
) STRICT;

CREATE TABLE version (
    merchant  INTEGER NOT NULL,
    version   INTEGER NOT NULL,
    items     INTEGER NOT NULL,
    changed   INTEGER NOT NULL,
    deleted   INTEGER NOT NULL,
    import    TEXT    NOT NULL,
    since     INTEGER NOT NULL,
    until     INTEGER,
    -- 'kept', 'going' while they are deleted, or 'gone'.
    rows      TEXT    NOT NULL DEFAULT 'kept',
    PRIMARY KEY (merchant, version)
) STRICT, WITHOUT ROWID;

-- Rows of the version in force. Those that an import adds are at the end of the table, batch after batch of the file; only the index is
-- written here and there.
CREATE TABLE item (
    row      INTEGER PRIMARY KEY,
    merchant INTEGER NOT NULL,
    id       TEXT    NOT NULL,
    since    INTEGER NOT NULL,
    content  BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX item_id ON item (merchant, id);
-- What is newer than the first version, for those who ask what has changed: a first import writes nothing into it.
CREATE INDEX item_since ON item (merchant, since, id) WHERE since > 1;

-- Rows of versions before, up to the version `until`, which does not have them.
CREATE TABLE former (
    row      INTEGER PRIMARY KEY,
    merchant INTEGER NOT NULL,
    id       TEXT    NOT NULL,
    since    INTEGER NOT NULL,
    until    INTEGER NOT NULL,
    line     INTEGER NOT NULL,
    content  BLOB    NOT NULL
) STRICT;
CREATE INDEX former_id ON former (merchant, id, until);
CREATE INDEX former_until ON former (merchant, until, id);

-- Lines of the files that rows of `item` were last read from: 512 rows in a blob, 4 bytes each, little-endian. A row that is the same
-- in the next file at another line is not written again.
CREATE TABLE line (
    chunk INTEGER PRIMARY KEY,
    lines BLOB    NOT NULL
) STRICT;

-- Items that the import under way deletes; empty otherwise.
CREATE TABLE gone (
    id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- What items were last uploaded as.
CREATE TABLE uploaded (
    merchant    TEXT NOT NULL,
    destination TEXT NOT NULL,
    id          TEXT NOT NULL,
    content     BLOB NOT NULL,
    PRIMARY KEY (merchant, destination, id)
) STRICT, WITHOUT ROWID;
