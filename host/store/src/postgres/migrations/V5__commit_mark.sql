-- The id of this store, which every copy of it has.
CREATE TABLE store_identity (
    one   BOOLEAN PRIMARY KEY DEFAULT true CHECK (one),
    store TEXT COLLATE "C" NOT NULL
);
INSERT INTO store_identity (store) VALUES (gen_random_uuid()::text);

-- The number of the last commit of each host, in each of its slots; a slot is used by one transaction at a time, so that no commit
-- waits for the row of another. The host remembers them outside of the database: with a lower number than is remembered, the database
-- went back in time. Rows are updated in place, on a page with room for many versions.
CREATE TABLE commit_mark (
    host   TEXT COLLATE "C" NOT NULL,
    slot   INTEGER NOT NULL,
    number BIGINT NOT NULL,
    seen   TIMESTAMPTZ NOT NULL,
    CONSTRAINT commit_mark_key PRIMARY KEY (host, slot)
) WITH (fillfactor = 20);
