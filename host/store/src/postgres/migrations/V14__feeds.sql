-- Uploads of product feeds. At most one that is not asked for beside another is open for each destination.
CREATE TABLE feed_upload (
    seq           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id            TEXT COLLATE "C" NOT NULL,
    merchant      TEXT COLLATE "C" NOT NULL,
    destination   TEXT COLLATE "C" NOT NULL,
    feed          TEXT COLLATE "C" NOT NULL,
    status        TEXT COLLATE "C" NOT NULL,
    beside        BOOLEAN NOT NULL,
    next_try      BIGINT NOT NULL,
    -- Whether it became due by a webhook since it was last written.
    hurried       BOOLEAN NOT NULL DEFAULT false,
    ended         BIGINT,
    remote_file   TEXT COLLATE "C",
    remote_import TEXT COLLATE "C",
    body          TEXT NOT NULL,
    lease_owner   TEXT COLLATE "C",
    lease_epoch   BIGINT NOT NULL DEFAULT 0,
    lease_until   TIMESTAMPTZ
);
CREATE UNIQUE INDEX feed_upload_id ON feed_upload (id);
CREATE UNIQUE INDEX feed_upload_alone ON feed_upload (merchant, destination)
    WHERE status IN ('asked', 'uploading', 'processing') AND NOT beside;
CREATE INDEX feed_upload_open ON feed_upload (merchant, destination) WHERE status IN ('asked', 'uploading', 'processing');
CREATE INDEX feed_upload_destination ON feed_upload (merchant, destination, feed, seq);
CREATE INDEX feed_upload_status ON feed_upload (status, seq);
CREATE INDEX feed_upload_ended ON feed_upload (ended) WHERE ended IS NOT NULL;
CREATE INDEX feed_upload_file ON feed_upload (remote_file) WHERE remote_file IS NOT NULL;
CREATE INDEX feed_upload_import ON feed_upload (remote_import) WHERE remote_import IS NOT NULL;
CREATE INDEX feed_upload_lease ON feed_upload (lease_owner) WHERE lease_owner IS NOT NULL;

-- Rows that the other party refused, as JSON.
CREATE TABLE feed_error (
    upload BIGINT NOT NULL REFERENCES feed_upload ON DELETE CASCADE,
    place  BIGINT NOT NULL,
    body   TEXT NOT NULL,
    PRIMARY KEY (upload, place)
);

-- What items were last uploaded as.
CREATE TABLE feed_uploaded (
    merchant    TEXT COLLATE "C" NOT NULL,
    destination TEXT COLLATE "C" NOT NULL,
    id          TEXT COLLATE "C" NOT NULL,
    content     BYTEA NOT NULL,
    PRIMARY KEY (merchant, destination, id)
);

-- The transaction that last wrote a counter: which counters have changed since a feed was uploaded. Transactions that began earlier may
-- be committed later, so that those which are newer than any open one are not read yet.
ALTER TABLE counter ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX counter_changed ON counter (merchant, plugin, changed);

-- The merchants' catalogs. A version is what `catalog_item` has of rows since then or before, and `catalog_former` of those that ended
-- later.
CREATE TABLE catalog_version (
    merchant TEXT COLLATE "C" NOT NULL,
    version  BIGINT NOT NULL,
    items    BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    deleted  BIGINT NOT NULL,
    import   TEXT NOT NULL,
    since    BIGINT NOT NULL,
    until    BIGINT,
    -- 'kept', 'going' while they are deleted, or 'gone'.
    rows     TEXT COLLATE "C" NOT NULL DEFAULT 'kept',
    PRIMARY KEY (merchant, version)
);

CREATE SEQUENCE catalog_row CACHE 32;
CREATE TABLE catalog_item (
    merchant TEXT COLLATE "C" NOT NULL,
    id       TEXT COLLATE "C" NOT NULL,
    number   BIGINT NOT NULL DEFAULT nextval('catalog_row'),
    since    BIGINT NOT NULL,
    content  BYTEA NOT NULL,
    CONSTRAINT catalog_item_key PRIMARY KEY (merchant, id)
);

CREATE TABLE catalog_former (
    merchant TEXT COLLATE "C" NOT NULL,
    id       TEXT COLLATE "C" NOT NULL,
    since    BIGINT NOT NULL,
    until    BIGINT NOT NULL,
    line     BIGINT NOT NULL,
    content  BYTEA NOT NULL,
    PRIMARY KEY (merchant, id, until)
);

-- Lines of the files that rows of `catalog_item` were last read from: 512 rows in a value, 4 bytes each, little-endian. A row that is
-- the same in the next file at another line is not written again.
CREATE TABLE catalog_line (
    merchant TEXT COLLATE "C" NOT NULL,
    chunk    BIGINT NOT NULL,
    lines    BYTEA NOT NULL,
    PRIMARY KEY (merchant, chunk)
);
ALTER TABLE catalog_line ALTER COLUMN lines SET STORAGE PLAIN;

-- Items that the import under way deletes; committed as empty.
CREATE TABLE catalog_gone (
    merchant TEXT COLLATE "C" NOT NULL,
    id       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant, id)
);

-- Who imports, for those who come meanwhile. The import itself is known by its lock, which ends with its transaction.
CREATE TABLE catalog_import (
    merchant TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    host     TEXT COLLATE "C" NOT NULL,
    since    BIGINT NOT NULL
);
