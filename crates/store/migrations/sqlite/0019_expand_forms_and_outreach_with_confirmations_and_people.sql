-- Forms that are confirmed at a link in a mail or text: when the person was sent it, and why it could not be sent.
ALTER TABLE form_submissions ADD COLUMN asked_at INTEGER;
ALTER TABLE form_submissions ADD COLUMN problem TEXT;

-- Whom a portfolio has written to first lately, each person once with the last time: Meta allows so many within 24 hours.
CREATE TABLE begun (
    org_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    portfolio TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (org_id, contact_id, portfolio)
) STRICT;
CREATE INDEX begun_latest ON begun (org_id, portfolio, at);
