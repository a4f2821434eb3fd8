-- The audit log of all companies, newest first; audit_at is that of one.
CREATE INDEX audit_everywhere ON audit (at);
