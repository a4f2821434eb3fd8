-- The few lines whose mail was disposed of, for whoever clears what he keeps of it.
CREATE INDEX ledger_disposed ON ledger (record, tenant) WHERE state = 'disposed';
