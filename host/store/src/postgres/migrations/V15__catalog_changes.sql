-- What is newer than the first version of a catalog, for those who ask what has changed: a first import writes nothing into it.
CREATE INDEX catalog_item_since ON catalog_item (merchant, since, id) WHERE since > 1;
CREATE INDEX catalog_former_until ON catalog_former (merchant, until, id);
