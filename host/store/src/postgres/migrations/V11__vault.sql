-- Cards that agents have delegated, sealed under a key that is not in the store, by the hash of their token. A card is deleted in the
-- commit that ends the attempt that has taken it, and when `ends` is over; its security code is wiped in the commit of `charging`.
-- A dump leaves the rows out: pg_dump --exclude-table-data=vault.
CREATE TABLE vault (
    token TEXT COLLATE "C" NOT NULL,
    merchant TEXT COLLATE "C" NOT NULL,
    session TEXT COLLATE "C" NOT NULL,
    principal TEXT COLLATE "C",
    max_amount BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    details TEXT NOT NULL,
    card BYTEA NOT NULL,
    security_code BYTEA,
    had_security_code BOOLEAN NOT NULL,
    attempt TEXT COLLATE "C",
    resolve_key TEXT COLLATE "C",
    ends BIGINT NOT NULL,
    PRIMARY KEY (merchant, token),
    CHECK ((attempt IS NULL) = (resolve_key IS NULL))
);
CREATE INDEX vault_ends ON vault (ends);
CREATE INDEX vault_session ON vault (merchant, session);
