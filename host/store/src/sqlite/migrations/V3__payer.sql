-- What pays an attempt: a token, or nothing where nothing is due. A column's NOT NULL cannot be lifted in place, so the table is
-- made anew, with its rows and with the same indexes.
CREATE TABLE attempt_with_payer (
    seq                 INTEGER PRIMARY KEY,
    id                  TEXT    NOT NULL,
    merchant            TEXT    NOT NULL,
    session             TEXT    NOT NULL,
    payer               TEXT    NOT NULL,
    token               TEXT,
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
    next_try            INTEGER NOT NULL,
    body                TEXT    NOT NULL,
    CHECK ((payer = 'token') = (token IS NOT NULL)),
    CHECK (payer <> 'nothing_due' OR amount = 0)
) STRICT;
INSERT INTO attempt_with_payer (seq, id, merchant, session, payer, token, token_burned, state, amount, currency, reference,
    order_id, processor_reference, initiated, charge_sent, settled, next_try, body)
SELECT seq, id, merchant, session, 'token', token, token_burned, state, amount, currency, reference,
    order_id, processor_reference, initiated, charge_sent, settled, next_try, body FROM attempt;
DROP TABLE attempt;
ALTER TABLE attempt_with_payer RENAME TO attempt;

CREATE UNIQUE INDEX attempt_id ON attempt (id);
CREATE INDEX attempt_session ON attempt (session);
CREATE UNIQUE INDEX attempt_live ON attempt (merchant, session) WHERE state NOT IN ('declined', 'failed', 'voided');
CREATE UNIQUE INDEX attempt_token ON attempt (merchant, token) WHERE token_burned = 1;
CREATE UNIQUE INDEX attempt_reference ON attempt (merchant, reference);
CREATE UNIQUE INDEX attempt_order ON attempt (merchant, order_id) WHERE state NOT IN ('declined', 'failed', 'voided');
CREATE UNIQUE INDEX attempt_processor_reference ON attempt (merchant, processor_reference);
CREATE INDEX attempt_open ON attempt (next_try)
    WHERE state IN ('reserved', 'resolving', 'charging', 'unknown', 'needs_review', 'voiding');
