-- Forms that are confirmed at a link in a mail or text: when the person was sent it, and why it could not be sent.
ALTER TABLE form_submissions ADD COLUMN asked_at BIGINT;
ALTER TABLE form_submissions ADD COLUMN problem TEXT;

-- Whom a portfolio has written to first lately, each person once with the last time: Meta allows so many within 24 hours.
CREATE TABLE begun (
    org_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    portfolio TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, contact_id, portfolio)
);
CREATE INDEX begun_latest ON begun (org_id, portfolio, at);

ALTER TABLE begun ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON begun TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
