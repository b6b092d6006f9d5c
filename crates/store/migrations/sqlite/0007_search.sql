-- Finding messages by their words.

-- Contentless: the text is in `messages`; the organisation is a token of its own, so that the index alone finds a
-- tenant's messages, newest first by row id.
CREATE VIRTUAL TABLE messages_fts USING fts5 (org, words, content = '', contentless_delete = 1, prefix = '3', tokenize = 'unicode61 remove_diacritics 0');
