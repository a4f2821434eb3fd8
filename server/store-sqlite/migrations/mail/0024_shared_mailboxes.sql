-- Who has rights on mailboxes beside their owners (RFC 4314), and what each of them has seen and subscribed there.

CREATE TABLE mailbox_right (
    mailbox INTEGER NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    kind    INTEGER NOT NULL,       -- 0: everybody of the company, 1: a person, 2: a group
    number  INTEGER NOT NULL,       -- of the person or group
    rights  INTEGER NOT NULL,       -- store::Rights
    PRIMARY KEY (mailbox, kind, number)
) STRICT, WITHOUT ROWID;
INSERT INTO counter (name, next) VALUES ('share', 1);

-- \Seen of those who are not the owner. A message that somebody never marked has no row of his.
CREATE TABLE seen (
    mailbox INTEGER NOT NULL,
    user    INTEGER NOT NULL,
    uid     INTEGER NOT NULL,
    seen    INTEGER NOT NULL,
    modseq  INTEGER NOT NULL,       -- of the mailbox, at which that changed
    PRIMARY KEY (mailbox, user, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_modseq ON seen (mailbox, user, modseq);
CREATE INDEX seen_message ON seen (mailbox, uid);

CREATE TABLE subscription (
    user    INTEGER NOT NULL,
    mailbox INTEGER NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    PRIMARY KEY (user, mailbox)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_mailbox ON subscription (mailbox);
