-- Carts that agents keep before they begin a checkout. `session` is the checkout that was begun with one last.
CREATE TABLE saved_cart (
    seq       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant  TEXT COLLATE "C" NOT NULL,
    id        TEXT COLLATE "C" NOT NULL,
    principal TEXT COLLATE "C",
    session   TEXT COLLATE "C",
    revision  BIGINT NOT NULL,
    expires   BIGINT NOT NULL,
    body      TEXT NOT NULL
);
CREATE UNIQUE INDEX saved_cart_id ON saved_cart (merchant, id);
CREATE INDEX saved_cart_principal ON saved_cart (merchant, principal, expires);
CREATE INDEX saved_cart_session ON saved_cart (merchant, session) WHERE session IS NOT NULL;
CREATE INDEX saved_cart_expires ON saved_cart (expires);
