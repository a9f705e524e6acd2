-- Invariant: no column holds card data.
--
-- Ids sort by time of creation and rows are numbered in that order, so that inserts go to the end of every tree and a group
-- of commits shares its pages. Times are milliseconds since 1970. What is queried is a column; the rest is JSON in `body`.

CREATE TABLE session (
    seq      INTEGER PRIMARY KEY,
    merchant TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    state    TEXT    NOT NULL,
    updated  INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX session_id ON session (merchant, id);

-- A rowid table: the bodies stay out of the tree of the keys.
CREATE TABLE idempotency (
    merchant    TEXT    NOT NULL,
    principal   TEXT    NOT NULL,
    endpoint    TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL,
    status      INTEGER NOT NULL,
    body        BLOB    NOT NULL,
    expires     INTEGER NOT NULL,
    PRIMARY KEY (merchant, principal, endpoint, key)
) STRICT;
CREATE INDEX idempotency_expires ON idempotency (expires);

-- The version is the row's number, and AUTOINCREMENT never gives a number twice: a value that was removed and written again
-- has a higher version than before.
CREATE TABLE kv (
    version  INTEGER PRIMARY KEY AUTOINCREMENT,
    merchant TEXT    NOT NULL,
    plugin   TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    value    BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX kv_key ON kv (merchant, plugin, key);

CREATE TABLE counter (
    merchant TEXT    NOT NULL,
    plugin   TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    value    INTEGER NOT NULL,
    PRIMARY KEY (merchant, plugin, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
    seq                 INTEGER PRIMARY KEY,
    id                  TEXT    NOT NULL,
    merchant            TEXT    NOT NULL,
    session             TEXT    NOT NULL,
    token               TEXT    NOT NULL,
    token_burned        INTEGER NOT NULL,
    state               TEXT    NOT NULL,
    amount              INTEGER NOT NULL,
    currency            TEXT    NOT NULL,
    reference           TEXT    NOT NULL,
    order_id            TEXT    NOT NULL,
    processor_reference TEXT,
    initiated           INTEGER NOT NULL,
    charge_sent         INTEGER,
    settled             INTEGER,
    body                TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX attempt_id ON attempt (id);
CREATE INDEX attempt_session ON attempt (session);
-- Money moves once, and what it pays for can be made: these five are the guard, whatever the code above them does.
CREATE UNIQUE INDEX attempt_live ON attempt (merchant, session) WHERE state NOT IN ('declined', 'failed');
CREATE UNIQUE INDEX attempt_token ON attempt (merchant, token) WHERE token_burned = 1;
CREATE UNIQUE INDEX attempt_reference ON attempt (merchant, reference);
CREATE UNIQUE INDEX attempt_order ON attempt (merchant, order_id) WHERE state NOT IN ('declined', 'failed');
CREATE UNIQUE INDEX attempt_processor_reference ON attempt (merchant, processor_reference);
CREATE INDEX attempt_open ON attempt (initiated) WHERE state IN ('reserved', 'resolving', 'charging', 'unknown');

CREATE TABLE orders (
    seq      INTEGER PRIMARY KEY,
    merchant TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    session  TEXT    NOT NULL,
    attempt  TEXT    NOT NULL,
    amount   INTEGER NOT NULL,
    currency TEXT    NOT NULL,
    created  INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX orders_id ON orders (merchant, id);
CREATE UNIQUE INDEX orders_session ON orders (merchant, session);

CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY,
    merchant   TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    dedupe     TEXT    NOT NULL,
    payload    TEXT    NOT NULL,
    due        INTEGER NOT NULL,
    state      TEXT    NOT NULL DEFAULT 'queued',
    next_at    INTEGER NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    ended      INTEGER
) STRICT;
CREATE UNIQUE INDEX outbox_dedupe ON outbox (kind, dedupe);
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'queued';
