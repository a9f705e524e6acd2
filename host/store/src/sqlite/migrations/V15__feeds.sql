-- Uploads of product feeds. Leases are in memory: one host has the folder. What items were uploaded as is beside the catalogs.
CREATE TABLE feed_upload (
    seq           INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL,
    merchant      TEXT    NOT NULL,
    destination   TEXT    NOT NULL,
    feed          TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    -- Whether it was asked for beside another one that is open.
    beside        INTEGER NOT NULL,
    next_try      INTEGER NOT NULL,
    -- Whether it became due by a webhook since it was last written.
    hurried       INTEGER NOT NULL DEFAULT 0,
    ended         INTEGER,
    remote_file   TEXT,
    remote_import TEXT,
    body          TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX feed_upload_id ON feed_upload (id);
CREATE INDEX feed_upload_open ON feed_upload (merchant, destination) WHERE status IN ('asked', 'uploading', 'processing');
CREATE INDEX feed_upload_destination ON feed_upload (merchant, destination, feed);
CREATE INDEX feed_upload_status ON feed_upload (status);
CREATE INDEX feed_upload_ended ON feed_upload (ended) WHERE ended IS NOT NULL;
CREATE INDEX feed_upload_file ON feed_upload (remote_file) WHERE remote_file IS NOT NULL;
CREATE INDEX feed_upload_import ON feed_upload (remote_import) WHERE remote_import IS NOT NULL;

-- Rows that the other party refused, as JSON.
CREATE TABLE feed_error (
    upload INTEGER NOT NULL,
    place  INTEGER NOT NULL,
    body   TEXT    NOT NULL,
    PRIMARY KEY (upload, place)
) STRICT, WITHOUT ROWID;

-- A number that grows with each write of a counter of the plugin: which counters have changed since a feed was uploaded.
ALTER TABLE counter ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX counter_changed ON counter (merchant, plugin, changed);
