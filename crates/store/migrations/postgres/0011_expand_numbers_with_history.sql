-- What a number's page shows besides: the name asked for, the username, the badge, Meta's own check; and what changed when.
ALTER TABLE numbers ADD COLUMN wanted_name TEXT;
ALTER TABLE numbers ADD COLUMN wanted_name_status TEXT;
ALTER TABLE numbers ADD COLUMN name_reason TEXT;
ALTER TABLE numbers ADD COLUMN username TEXT;
ALTER TABLE numbers ADD COLUMN username_status TEXT;
ALTER TABLE numbers ADD COLUMN official BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE numbers ADD COLUMN has_pin BOOLEAN;
ALTER TABLE numbers ADD COLUMN health TEXT;

CREATE TABLE number_changes (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    number_id uuid NOT NULL,
    field TEXT NOT NULL,
    old TEXT,
    new TEXT,
    source TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX number_changes_latest ON number_changes (org_id, number_id, id);

ALTER TABLE number_changes ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON number_changes TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
