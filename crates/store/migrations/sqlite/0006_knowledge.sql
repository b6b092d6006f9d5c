-- What the AI may answer from, and what it answered.

CREATE TABLE sources (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    file_name TEXT,
    mime TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    size INTEGER NOT NULL,
    language TEXT,
    state TEXT NOT NULL,
    problem TEXT,
    warnings TEXT NOT NULL,
    passages INTEGER NOT NULL,
    words INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

CREATE TABLE passages (
    row_id INTEGER PRIMARY KEY AUTOINCREMENT,
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    source_id BLOB NOT NULL,
    ordinal INTEGER NOT NULL,
    kind TEXT NOT NULL,
    titles TEXT NOT NULL,
    body TEXT NOT NULL,
    language TEXT NOT NULL,
    title_stems TEXT NOT NULL,
    text_stems TEXT NOT NULL,
    words INTEGER NOT NULL,
    hash BLOB NOT NULL,
    embedding BLOB,
    embedding_model TEXT
) STRICT;
CREATE UNIQUE INDEX passages_id ON passages (org_id, id);
CREATE INDEX passages_by_source ON passages (org_id, source_id, ordinal);
-- Which passages hold a stem: finding them costs what the organisation knows, however many others know the same words.
CREATE TABLE passage_stems (
    org_id BLOB NOT NULL,
    stem TEXT NOT NULL,
    row_id INTEGER NOT NULL,
    source_id BLOB NOT NULL,
    -- What it counts there: more in a title.
    weight INTEGER NOT NULL,
    PRIMARY KEY (org_id, stem, row_id)
) STRICT, WITHOUT ROWID;

-- In how many passages of an organisation each stem occurs.
CREATE TABLE vocabulary (
    org_id BLOB NOT NULL,
    stem TEXT NOT NULL,
    letters INTEGER NOT NULL,
    passages INTEGER NOT NULL,
    PRIMARY KEY (org_id, stem)
) STRICT;
CREATE INDEX vocabulary_by_length ON vocabulary (org_id, letters);

CREATE TABLE answers (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    conversation_id BLOB,
    message_id BLOB,
    -- The messages that it answers, as a JSON list of ids.
    answered TEXT NOT NULL,
    question TEXT NOT NULL,
    language TEXT NOT NULL,
    engine TEXT NOT NULL,
    verdict TEXT NOT NULL,
    text TEXT NOT NULL,
    passages TEXT NOT NULL,
    prompt TEXT,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    micros INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX answers_by_conversation ON answers (org_id, conversation_id, id);
CREATE INDEX answers_by_message ON answers (org_id, message_id);

CREATE TABLE ai_usage (
    org_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    answers INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    PRIMARY KEY (org_id, day)
) STRICT;

-- An organisation's own endpoint of a language model.
CREATE TABLE ai_endpoints (
    org_id BLOB NOT NULL PRIMARY KEY,
    url TEXT NOT NULL,
    key BLOB,
    chat_model TEXT,
    embedding_model TEXT,
    updated_at INTEGER NOT NULL
) STRICT;
