-- Files of records beside those of contacts.
ALTER TABLE imports ADD COLUMN kind_id uuid;
-- By what a row is known; among the rows of a file no two have the same.
ALTER TABLE import_rows ADD COLUMN name TEXT;
CREATE INDEX import_rows_by_name ON import_rows (org_id, import_id, name, number) WHERE name IS NOT NULL;

-- Whose own clock counts has one of few time zones.
CREATE INDEX contacts_by_timezone ON contacts (org_id, timezone) WHERE timezone IS NOT NULL;
