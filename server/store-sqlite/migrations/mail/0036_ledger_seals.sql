-- Whoever can write this file can compute hashes anew, but not what stands under a key: each entry of the ledger is sealed (HMAC-SHA-256
-- under a key made of the company's) over the seal before it, and so is the place at which the chain ends. Entries of an earlier version are sealed
-- once, when the file is opened; keys.db remembers that this was done.
ALTER TABLE ledger_entry ADD COLUMN seal BLOB;
ALTER TABLE ledger_head ADD COLUMN seal BLOB;
