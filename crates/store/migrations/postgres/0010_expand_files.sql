-- What was found out about files, and until when they are kept.

-- How a file looks or sounds, in short (JSON); its small picture lies under `thumbnail_sha256`.
ALTER TABLE media ADD COLUMN preview TEXT;
ALTER TABLE media ADD COLUMN thumbnail_sha256 bytea;
-- What a virus scanner said; NULL where none was asked.
ALTER TABLE media ADD COLUMN scan TEXT;
ALTER TABLE media ADD COLUMN scan_found TEXT;
-- When its bytes were given up by the organisation's own rule.
ALTER TABLE media ADD COLUMN expired_at BIGINT;

-- What has come of age is found by the organisation and the direction.
CREATE INDEX media_by_age ON media (org_id, direction, created_at);
-- Whether anybody at all still has these bytes: asked before they are removed.
CREATE INDEX media_bytes ON media (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX media_thumbnails ON media (thumbnail_sha256) WHERE thumbnail_sha256 IS NOT NULL;
CREATE INDEX sources_bytes ON sources (sha256);

-- Which messages of ours carry which upload.
CREATE TABLE media_uses (
    org_id uuid NOT NULL,
    media_id uuid NOT NULL,
    message_id uuid NOT NULL,
    used_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, media_id, message_id)
);
CREATE INDEX media_uses_by_message ON media_uses (org_id, message_id);

ALTER TABLE media_uses ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON media_uses TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
