-- What pays an attempt: a token, or nothing where nothing is due. The default serves a host of the release before, which may
-- still be at work on the same database.
ALTER TABLE attempt ADD COLUMN payer TEXT COLLATE "C" NOT NULL DEFAULT 'token';
ALTER TABLE attempt ALTER COLUMN token DROP NOT NULL;
ALTER TABLE attempt ADD CONSTRAINT attempt_payer CHECK ((payer = 'token') = (token IS NOT NULL));
ALTER TABLE attempt ADD CONSTRAINT attempt_nothing_due CHECK (payer <> 'nothing_due' OR amount = 0);
