-- A checkout session, and a message with its stream, belong to one merchant: whatever finds one names the merchant too, so that equal
-- ids at two merchants never meet. The session comes first in the index of attempts, because operators ask for it alone.
DROP INDEX attempt_session;
CREATE INDEX attempt_session ON attempt (session, merchant);
DROP INDEX outbox_dedupe;
CREATE UNIQUE INDEX outbox_dedupe ON outbox (merchant, kind, dedupe);
DROP INDEX outbox_stream;
CREATE INDEX outbox_stream ON outbox (merchant, kind, stream) WHERE state = 'queued' AND stream IS NOT NULL;
