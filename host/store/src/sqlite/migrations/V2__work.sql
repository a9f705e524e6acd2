-- Work and who does it, what others tell us, and what people did.

-- When somebody has to look at an open attempt again. Leases are in memory: one host has the folder.
ALTER TABLE attempt ADD COLUMN next_try INTEGER NOT NULL DEFAULT 0;
DROP INDEX attempt_live;
CREATE UNIQUE INDEX attempt_live ON attempt (merchant, session) WHERE state NOT IN ('declined', 'failed', 'voided');
DROP INDEX attempt_order;
CREATE UNIQUE INDEX attempt_order ON attempt (merchant, order_id) WHERE state NOT IN ('declined', 'failed', 'voided');
DROP INDEX attempt_open;
CREATE INDEX attempt_open ON attempt (next_try)
    WHERE state IN ('reserved', 'resolving', 'charging', 'unknown', 'needs_review', 'voiding');

CREATE INDEX session_overdue ON session (expires) WHERE state = 'open';

ALTER TABLE outbox ADD COLUMN stream TEXT;
CREATE INDEX outbox_stream ON outbox (kind, stream) WHERE state = 'queued' AND stream IS NOT NULL;
CREATE INDEX outbox_ended ON outbox (ended) WHERE state <> 'queued';

CREATE TABLE inbox (
    seq      INTEGER PRIMARY KEY,
    source   TEXT    NOT NULL,
    event    TEXT    NOT NULL,
    merchant TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    payload  TEXT    NOT NULL,
    received INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX inbox_event ON inbox (source, event);
CREATE INDEX inbox_received ON inbox (received);

CREATE TABLE break (
    seq      INTEGER PRIMARY KEY,
    merchant TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    attempt  TEXT,
    detail   TEXT    NOT NULL,
    found    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX break_subject ON break (merchant, kind, subject);

CREATE TABLE audit (
    seq      INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    detail   TEXT    NOT NULL,
    previous TEXT    NOT NULL,
    hash     TEXT    NOT NULL
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;
