-- What the AI may answer from, and what it answered.

CREATE TABLE sources (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    file_name TEXT,
    mime TEXT NOT NULL,
    sha256 bytea NOT NULL,
    size BIGINT NOT NULL,
    language TEXT,
    state TEXT NOT NULL,
    problem TEXT,
    warnings TEXT NOT NULL,
    passages BIGINT NOT NULL,
    words BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

CREATE TABLE passages (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    source_id uuid NOT NULL,
    ordinal BIGINT NOT NULL,
    kind TEXT NOT NULL,
    titles TEXT NOT NULL,
    body TEXT NOT NULL,
    language TEXT NOT NULL,
    title_stems TEXT NOT NULL,
    text_stems TEXT NOT NULL,
    words BIGINT NOT NULL,
    hash bytea NOT NULL,
    embedding bytea,
    embedding_model TEXT
);
CREATE UNIQUE INDEX passages_id ON passages (org_id, id);
CREATE INDEX passages_by_source ON passages (org_id, source_id, ordinal);

-- Which passages hold a stem: finding them costs what the organisation knows, however many others know the same words.
CREATE TABLE passage_stems (
    org_id uuid NOT NULL,
    stem TEXT NOT NULL,
    row_id BIGINT NOT NULL,
    source_id uuid NOT NULL,
    -- What it counts there: more in a title.
    weight BIGINT NOT NULL,
    PRIMARY KEY (org_id, stem, row_id)
);

-- In how many passages of an organisation each stem occurs.
CREATE TABLE vocabulary (
    org_id uuid NOT NULL,
    stem TEXT NOT NULL,
    letters BIGINT NOT NULL,
    passages BIGINT NOT NULL,
    PRIMARY KEY (org_id, stem)
);
CREATE INDEX vocabulary_by_length ON vocabulary (org_id, letters);

CREATE TABLE answers (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid,
    message_id uuid,
    -- The messages that it answers, as a JSON list of ids.
    answered TEXT NOT NULL,
    question TEXT NOT NULL,
    language TEXT NOT NULL,
    engine TEXT NOT NULL,
    verdict TEXT NOT NULL,
    text TEXT NOT NULL,
    passages TEXT NOT NULL,
    prompt TEXT,
    tokens_in BIGINT NOT NULL,
    tokens_out BIGINT NOT NULL,
    micros BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX answers_by_conversation ON answers (org_id, conversation_id, id);
CREATE INDEX answers_by_message ON answers (org_id, message_id);

CREATE TABLE ai_usage (
    org_id uuid NOT NULL,
    day BIGINT NOT NULL,
    answers BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    PRIMARY KEY (org_id, day)
);

-- An organisation's own endpoint of a language model.
CREATE TABLE ai_endpoints (
    org_id uuid NOT NULL PRIMARY KEY,
    url TEXT NOT NULL,
    key bytea,
    chat_model TEXT,
    embedding_model TEXT,
    updated_at BIGINT NOT NULL
);

ALTER TABLE sources ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sources TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE passages ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON passages TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE passage_stems ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON passage_stems TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE vocabulary ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON vocabulary TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE answers ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON answers TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE ai_usage ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON ai_usage TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE ai_endpoints ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON ai_endpoints TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
