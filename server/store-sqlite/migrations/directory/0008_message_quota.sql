-- Most messages in all mailboxes of a person together (RFC 9208 5.2); NULL: no bound.

ALTER TABLE user ADD COLUMN message_quota INTEGER;
