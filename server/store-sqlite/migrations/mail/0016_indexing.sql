-- The full-text index follows the records of mails; which records are texts kept beside mails is asked for each of them.

CREATE INDEX kept_texts_texts ON kept_texts (texts);
