-- The session that a message is about: a session stays until everything was told, and goes together with what was told.
ALTER TABLE outbox ADD COLUMN session TEXT;
UPDATE outbox SET session = coalesce(
    (SELECT attempt.session FROM attempt WHERE attempt.id = outbox.dedupe),
    substr(stream, 1, instr(stream || ':', ':') - 1));
CREATE INDEX outbox_session ON outbox (merchant, session) WHERE session IS NOT NULL;

CREATE INDEX session_unpaid ON session (updated) WHERE state IN ('canceled', 'expired');
CREATE INDEX session_completed ON session (updated) WHERE state = 'completed';
CREATE INDEX break_attempt ON break (attempt) WHERE attempt IS NOT NULL;

-- Whose session it is: one principal may have only so many open.
ALTER TABLE session ADD COLUMN principal TEXT;
UPDATE session SET principal = json_extract(body, '$.agent.principal');
CREATE INDEX session_open ON session (merchant, principal) WHERE state = 'open';

-- The audit log may be cut at its old end, and only as far as one of its records says.
CREATE INDEX audit_purges ON audit (seq) WHERE action = 'audit.purge';
DROP TRIGGER audit_is_not_cut;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
WHEN NOT EXISTS (SELECT 1 FROM audit WHERE action = 'audit.purge' AND json_extract(detail, '$.through') >= OLD.seq)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;
