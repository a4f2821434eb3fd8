-- When a message came into the mailbox in which it lies (RFC 8514); of what came before this version nobody knows.

ALTER TABLE message ADD COLUMN saved INTEGER;
