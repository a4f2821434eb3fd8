-- Whether a draft that ends holds words of a mail that was disposed of while it was still being written.
CREATE INDEX draft_mail_draft ON draft_mail (draft);
CREATE INDEX disposed_record_record ON disposed_record (record);
