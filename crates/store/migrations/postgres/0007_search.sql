-- Finding messages by their words.

-- The text is in `messages`; the organisation is one more word, so that the index alone finds a tenant's messages.
CREATE TABLE message_words (
    org_id uuid NOT NULL,
    row_id BIGINT NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (org_id, row_id)
);
CREATE INDEX message_words_words ON message_words USING gin (words);

ALTER TABLE message_words ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON message_words TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);

-- Messages whose words are new or were changed: a list of its own, so that to find them rewrites no message.
CREATE TABLE unindexed (
    row_id BIGINT PRIMARY KEY,
    org_id uuid NOT NULL
);

ALTER TABLE unindexed ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON unindexed TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
