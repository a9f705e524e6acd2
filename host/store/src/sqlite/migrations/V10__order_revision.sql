-- Orders change after they are placed: a write names the revision that it replaces.
ALTER TABLE orders ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
CREATE INDEX orders_created ON orders (merchant, created);
