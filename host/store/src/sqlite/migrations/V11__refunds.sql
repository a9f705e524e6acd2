-- A refund of an order. The sum of those that are not declined is compared with what the order was paid with when one is inserted.
-- Leases are in memory: one host has the folder.
CREATE TABLE refund (
    seq      INTEGER PRIMARY KEY,
    id       TEXT    NOT NULL,
    merchant TEXT    NOT NULL,
    session  TEXT    NOT NULL,
    order_id TEXT    NOT NULL,
    attempt  TEXT    NOT NULL,
    state    TEXT    NOT NULL,
    amount   INTEGER NOT NULL,
    currency TEXT    NOT NULL,
    asked    INTEGER NOT NULL,
    settled  INTEGER,
    next_try INTEGER NOT NULL,
    body     TEXT    NOT NULL,
    CHECK (amount > 0)
) STRICT;
CREATE UNIQUE INDEX refund_id ON refund (id);
CREATE INDEX refund_order ON refund (merchant, order_id);
CREATE INDEX refund_session ON refund (merchant, session);
CREATE INDEX refund_open ON refund (next_try) WHERE state IN ('asked', 'sent', 'pending', 'unknown', 'needs_review');

-- The record that the issuer of the token keeps of the payment: its refunds are reported there.
ALTER TABLE attempt ADD COLUMN payment_record TEXT;
