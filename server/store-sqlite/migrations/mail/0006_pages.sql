-- Mailboxes as pages, newest first: the order in which webmail lists them, whole and for each filter.

CREATE INDEX message_date ON message (mailbox, internal_date, uid);
CREATE INDEX message_unread ON message (mailbox, internal_date, uid) WHERE flags & 1 = 0;
CREATE INDEX message_starred ON message (mailbox, internal_date, uid) WHERE flags & 4 = 4;
