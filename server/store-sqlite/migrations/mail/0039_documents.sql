-- Of which kind the documents of a line of the ledger are, from which stated day its period is counted, and when it is over. Lines that are there have
-- no kind: the years of their company hold for them.
ALTER TABLE ledger ADD COLUMN documents TEXT;                   -- the name of the kind
ALTER TABLE ledger ADD COLUMN stated INTEGER;
ALTER TABLE ledger ADD COLUMN due INTEGER;                      -- NULL: not known yet
ALTER TABLE ledger ADD COLUMN proposed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX ledger_due ON ledger (tenant, due, id) WHERE due IS NOT NULL AND state IN ('kept', 'handed_over');
-- Lines without a kind, by their age.
CREATE INDEX ledger_aged ON ledger (tenant, at) WHERE documents IS NULL AND state IN ('kept', 'handed_over');
