-- Invariant: no column holds card data.
--
-- Times are milliseconds since 1970, given by the hosts; leases run by the clock of this database. What is queried is a
-- column; the rest is JSON in `body`. Keys compare byte by byte (COLLATE "C"), so that no update of an operating system's
-- sorting rules can ever spoil an index that money rests on.

CREATE TABLE session (
    seq      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant TEXT COLLATE "C" NOT NULL,
    id       TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    state    TEXT COLLATE "C" NOT NULL,
    updated  BIGINT NOT NULL,
    expires  BIGINT NOT NULL,
    body     TEXT NOT NULL
);
CREATE UNIQUE INDEX session_id ON session (merchant, id);
CREATE INDEX session_overdue ON session (expires, seq) WHERE state = 'open';

CREATE TABLE idempotency (
    merchant    TEXT COLLATE "C" NOT NULL,
    principal   TEXT COLLATE "C" NOT NULL,
    endpoint    TEXT COLLATE "C" NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    fingerprint BYTEA NOT NULL,
    status      INTEGER NOT NULL,
    body        BYTEA NOT NULL,
    expires     BIGINT NOT NULL,
    CONSTRAINT idempotency_key PRIMARY KEY (merchant, principal, endpoint, key)
);
CREATE INDEX idempotency_expires ON idempotency (expires);

-- A value that was removed and written again has a higher version than before. The keys are a plugin's, and may hold any
-- character; TEXT here could not hold a zero.
CREATE SEQUENCE kv_version;
CREATE TABLE kv (
    merchant TEXT COLLATE "C" NOT NULL,
    plugin   TEXT COLLATE "C" NOT NULL,
    key      BYTEA NOT NULL,
    version  BIGINT NOT NULL DEFAULT nextval('kv_version'),
    value    BYTEA NOT NULL,
    CONSTRAINT kv_key PRIMARY KEY (merchant, plugin, key)
);

CREATE TABLE counter (
    merchant TEXT COLLATE "C" NOT NULL,
    plugin   TEXT COLLATE "C" NOT NULL,
    key      BYTEA NOT NULL,
    value    BIGINT NOT NULL,
    CONSTRAINT counter_key PRIMARY KEY (merchant, plugin, key)
) WITH (fillfactor = 50);

CREATE TABLE attempt (
    seq                 BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id                  TEXT COLLATE "C" NOT NULL,
    merchant            TEXT COLLATE "C" NOT NULL,
    session             TEXT COLLATE "C" NOT NULL,
    token               TEXT COLLATE "C" NOT NULL,
    token_burned        BOOLEAN NOT NULL,
    state               TEXT COLLATE "C" NOT NULL,
    amount              BIGINT NOT NULL,
    currency            TEXT COLLATE "C" NOT NULL,
    reference           TEXT COLLATE "C" NOT NULL,
    order_id            TEXT COLLATE "C" NOT NULL,
    processor_reference TEXT COLLATE "C",
    initiated           BIGINT NOT NULL,
    charge_sent         BIGINT,
    settled             BIGINT,
    next_try            BIGINT NOT NULL,
    body                TEXT NOT NULL,
    -- Who works on it, until when, and the how-manieth that is. The epoch never falls: it is what a write is compared with.
    lease_owner         TEXT COLLATE "C",
    lease_epoch         BIGINT NOT NULL DEFAULT 0,
    lease_until         TIMESTAMPTZ
);
CREATE UNIQUE INDEX attempt_id ON attempt (id);
CREATE INDEX attempt_session ON attempt (session);
-- Money moves once, and what it pays for can be made: these five are the guard, whatever the code above them does.
CREATE UNIQUE INDEX attempt_live ON attempt (merchant, session) WHERE state NOT IN ('declined', 'failed', 'voided');
CREATE UNIQUE INDEX attempt_token ON attempt (merchant, token) WHERE token_burned;
CREATE UNIQUE INDEX attempt_reference ON attempt (merchant, reference);
CREATE UNIQUE INDEX attempt_order ON attempt (merchant, order_id) WHERE state NOT IN ('declined', 'failed', 'voided');
CREATE UNIQUE INDEX attempt_processor_reference ON attempt (merchant, processor_reference);
CREATE INDEX attempt_open ON attempt (next_try, seq)
    WHERE state IN ('reserved', 'resolving', 'charging', 'unknown', 'needs_review', 'voiding');
CREATE INDEX attempt_lease ON attempt (lease_owner) WHERE lease_owner IS NOT NULL;

CREATE TABLE orders (
    seq      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant TEXT COLLATE "C" NOT NULL,
    id       TEXT COLLATE "C" NOT NULL,
    session  TEXT COLLATE "C" NOT NULL,
    attempt  TEXT COLLATE "C" NOT NULL,
    amount   BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    created  BIGINT NOT NULL,
    body     TEXT NOT NULL
);
CREATE UNIQUE INDEX orders_id ON orders (merchant, id);
CREATE UNIQUE INDEX orders_session ON orders (merchant, session);

CREATE TABLE outbox (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant    TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    stream      TEXT COLLATE "C",
    dedupe      TEXT COLLATE "C" NOT NULL,
    payload     TEXT NOT NULL,
    due         BIGINT NOT NULL,
    state       TEXT COLLATE "C" NOT NULL DEFAULT 'queued',
    next_at     BIGINT NOT NULL,
    tries       BIGINT NOT NULL DEFAULT 0,
    last_error  TEXT,
    ended       BIGINT,
    lease_owner TEXT COLLATE "C",
    lease_epoch BIGINT NOT NULL DEFAULT 0,
    lease_until TIMESTAMPTZ
);
CREATE UNIQUE INDEX outbox_dedupe ON outbox (kind, dedupe);
CREATE INDEX outbox_due ON outbox (next_at, id) WHERE state = 'queued';
CREATE INDEX outbox_stream ON outbox (kind, stream, id) WHERE state = 'queued' AND stream IS NOT NULL;
CREATE INDEX outbox_ended ON outbox (ended) WHERE state <> 'queued';
CREATE INDEX outbox_lease ON outbox (lease_owner) WHERE lease_owner IS NOT NULL;

CREATE TABLE inbox (
    seq      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source   TEXT COLLATE "C" NOT NULL,
    event    TEXT COLLATE "C" NOT NULL,
    merchant TEXT COLLATE "C" NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    payload  TEXT NOT NULL,
    received BIGINT NOT NULL
);
CREATE UNIQUE INDEX inbox_event ON inbox (source, event);
CREATE INDEX inbox_received ON inbox (received);

CREATE TABLE breaks (
    seq      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant TEXT COLLATE "C" NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    subject  TEXT COLLATE "C" NOT NULL,
    attempt  TEXT COLLATE "C",
    detail   TEXT NOT NULL,
    found    BIGINT NOT NULL
);
CREATE UNIQUE INDEX breaks_subject ON breaks (merchant, kind, subject);

CREATE TABLE audit (
    seq      BIGINT PRIMARY KEY,
    at       BIGINT NOT NULL,
    actor    TEXT NOT NULL,
    action   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    detail   TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL
);
CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only added to';
END $$;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
