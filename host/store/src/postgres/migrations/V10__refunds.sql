-- A refund of an order. The sum of those that are not declined is compared with what the order was paid with when one is inserted,
-- while the row of the order is locked.
CREATE TABLE refund (
    seq         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          TEXT COLLATE "C" NOT NULL,
    merchant    TEXT COLLATE "C" NOT NULL,
    session     TEXT COLLATE "C" NOT NULL,
    order_id    TEXT COLLATE "C" NOT NULL,
    attempt     TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    amount      BIGINT NOT NULL,
    currency    TEXT COLLATE "C" NOT NULL,
    asked       BIGINT NOT NULL,
    settled     BIGINT,
    next_try    BIGINT NOT NULL,
    body        TEXT NOT NULL,
    lease_owner TEXT COLLATE "C",
    lease_epoch BIGINT NOT NULL DEFAULT 0,
    lease_until TIMESTAMPTZ,
    CHECK (amount > 0)
);
CREATE UNIQUE INDEX refund_id ON refund (id);
CREATE INDEX refund_order ON refund (merchant, order_id);
CREATE INDEX refund_session ON refund (merchant, session);
CREATE INDEX refund_open ON refund (next_try, seq) WHERE state IN ('asked', 'sent', 'pending', 'unknown', 'needs_review');
CREATE INDEX refund_lease ON refund (lease_owner) WHERE lease_owner IS NOT NULL;

-- The record that the issuer of the token keeps of the payment: its refunds are reported there.
ALTER TABLE attempt ADD COLUMN payment_record TEXT;
