-- The session that a message is about: a session stays until everything was told, and goes together with what was told.
ALTER TABLE outbox ADD COLUMN session TEXT COLLATE "C";
UPDATE outbox SET session = coalesce(
    (SELECT attempt.session FROM attempt WHERE attempt.id = outbox.dedupe),
    split_part(stream, ':', 1));
CREATE INDEX outbox_session ON outbox (merchant, session) WHERE session IS NOT NULL;

CREATE INDEX session_unpaid ON session (updated) WHERE state IN ('canceled', 'expired');
CREATE INDEX session_completed ON session (updated) WHERE state = 'completed';
CREATE INDEX breaks_attempt ON breaks (attempt) WHERE attempt IS NOT NULL;

-- Whose session it is: one principal may have only so many open. A body with a character that this server cannot hold as text is that
-- of an open session of an earlier host, and is not counted.
ALTER TABLE session ADD COLUMN principal TEXT COLLATE "C";
UPDATE session SET principal = body::jsonb -> 'agent' ->> 'principal'
    WHERE state = 'open' AND position('\u0000' IN body) = 0;
CREATE INDEX session_open ON session (merchant, principal) WHERE state = 'open';

-- The audit log may be cut at its old end, and only as far as one of its records says.
CREATE INDEX audit_purges ON audit (seq) WHERE action = 'audit.purge';
DROP TRIGGER audit_is_not_changed ON audit;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
CREATE FUNCTION audit_is_cut_as_recorded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM audit WHERE action = 'audit.purge' AND (detail::jsonb ->> 'through')::bigint >= OLD.seq) THEN
        RAISE EXCEPTION 'the audit log is only added to';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_cut_as_recorded();
