-- What a number's page shows besides: the name asked for, the username, the badge, Meta's own check; and what changed when.
ALTER TABLE numbers ADD COLUMN wanted_name TEXT;
ALTER TABLE numbers ADD COLUMN wanted_name_status TEXT;
ALTER TABLE numbers ADD COLUMN name_reason TEXT;
ALTER TABLE numbers ADD COLUMN username TEXT;
ALTER TABLE numbers ADD COLUMN username_status TEXT;
ALTER TABLE numbers ADD COLUMN official INTEGER NOT NULL DEFAULT FALSE;
ALTER TABLE numbers ADD COLUMN has_pin INTEGER;
ALTER TABLE numbers ADD COLUMN health TEXT;

CREATE TABLE number_changes (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    number_id BLOB NOT NULL,
    field TEXT NOT NULL,
    old TEXT,
    new TEXT,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX number_changes_latest ON number_changes (org_id, number_id, id);
