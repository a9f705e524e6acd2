-- Carts that agents keep before they begin a checkout. `session` is the checkout that was begun with one last.
CREATE TABLE saved_cart (
    seq       INTEGER PRIMARY KEY,
    merchant  TEXT    NOT NULL,
    id        TEXT    NOT NULL,
    principal TEXT,
    session   TEXT,
    revision  INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    body      TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX saved_cart_id ON saved_cart (merchant, id);
CREATE INDEX saved_cart_principal ON saved_cart (merchant, principal, expires);
CREATE INDEX saved_cart_session ON saved_cart (merchant, session) WHERE session IS NOT NULL;
CREATE INDEX saved_cart_expires ON saved_cart (expires);
