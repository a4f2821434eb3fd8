-- What a company has decided for its people (JSON, types::Policies).
ALTER TABLE tenant ADD COLUMN policies TEXT NOT NULL DEFAULT '{}';
