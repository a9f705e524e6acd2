-- Cards that agents have delegated, sealed under a key that is not in the store, by the hash of their token. A card is deleted in the
-- commit that ends the attempt that has taken it, and when `ends` is over; its security code is wiped in the commit of `charging`.
CREATE TABLE vault (
    token TEXT NOT NULL,
    merchant TEXT NOT NULL,
    session TEXT NOT NULL,
    principal TEXT,
    max_amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    key TEXT NOT NULL,
    details TEXT NOT NULL,
    card BLOB NOT NULL,
    security_code BLOB,
    had_security_code INTEGER NOT NULL,
    attempt TEXT,
    resolve_key TEXT,
    ends INTEGER NOT NULL,
    PRIMARY KEY (merchant, token),
    CHECK ((attempt IS NULL) = (resolve_key IS NULL))
) STRICT;
CREATE INDEX vault_ends ON vault (ends);
CREATE INDEX vault_session ON vault (merchant, session);
