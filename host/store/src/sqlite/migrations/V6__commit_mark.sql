-- The id of this store, and the number of its last commit. The host remembers both in a file beside the database: with a lower
-- number than is remembered, the database went back in time.
CREATE TABLE commit_mark (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    store  TEXT    NOT NULL,
    number INTEGER NOT NULL
) STRICT;
INSERT INTO commit_mark (one, store, number) VALUES (1, lower(hex(randomblob(16))), 0);
