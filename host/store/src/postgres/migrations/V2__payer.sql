-- What pays an attempt: a token, or nothing where nothing is due. The default lets a host of the release before end what it is at
-- work on; stop those hosts before orders without a charge are sold, because they cannot read them.
ALTER TABLE attempt ADD COLUMN payer TEXT COLLATE "C" NOT NULL DEFAULT 'token';
ALTER TABLE attempt ALTER COLUMN token DROP NOT NULL;
ALTER TABLE attempt ADD CONSTRAINT attempt_payer CHECK ((payer = 'token') = (token IS NOT NULL));
ALTER TABLE attempt ADD CONSTRAINT attempt_nothing_due CHECK (payer <> 'nothing_due' OR amount = 0);
