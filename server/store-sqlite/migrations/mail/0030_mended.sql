-- Every change of who may do what with another's mailbox counts, whatever makes it: two readings of one generation are the
-- same.
CREATE TRIGGER share_given AFTER INSERT ON mailbox_right
BEGIN UPDATE counter SET next = next + 1 WHERE name = 'share'; END;
CREATE TRIGGER share_changed AFTER UPDATE ON mailbox_right
BEGIN UPDATE counter SET next = next + 1 WHERE name = 'share'; END;
CREATE TRIGGER share_taken AFTER DELETE ON mailbox_right
BEGIN UPDATE counter SET next = next + 1 WHERE name = 'share'; END;
CREATE TRIGGER share_made AFTER INSERT ON mailbox WHEN new.user < 0
BEGIN UPDATE counter SET next = next + 1 WHERE name = 'share'; END;
CREATE TRIGGER share_gone AFTER DELETE ON mailbox WHEN old.user < 0
BEGIN UPDATE counter SET next = next + 1 WHERE name = 'share'; END;

-- A company's mailboxes are for no use of one person.
UPDATE mailbox SET role = NULL WHERE user < 0;

-- Where each company's chain of the ledger ends, so that entries cut off at its end are missed.
CREATE TABLE ledger_head (
    tenant INTEGER PRIMARY KEY,
    seq    INTEGER NOT NULL,
    chain  BLOB    NOT NULL
) STRICT;
INSERT INTO ledger_head (tenant, seq, chain)
SELECT tenant, seq, chain FROM ledger_entry AS e
WHERE seq = (SELECT max(seq) FROM ledger_entry AS other WHERE other.tenant = e.tenant);
