-- Finding messages by their words.

-- Contentless: the text is in `messages`. Each word stands with its organisation before it, as one token, so that the index
-- finds a tenant's messages alone, newest first by row id, and reads no more of them than are wanted. What is indexed are
-- words that we have split, so nothing in one separates it again.
CREATE VIRTUAL TABLE messages_fts USING fts5 (words, content = '', contentless_delete = 1, detail = none, tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* S* Co'");

-- The words of each organisation, by which those are found that begin as is asked for.
CREATE TABLE message_vocabulary (
    org_id BLOB NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (org_id, word)
) STRICT, WITHOUT ROWID;

-- Messages whose words are new or were changed: a list of its own, so that to find them rewrites no message.
CREATE TABLE unindexed (
    row_id INTEGER PRIMARY KEY,
    org_id BLOB NOT NULL
) STRICT;
