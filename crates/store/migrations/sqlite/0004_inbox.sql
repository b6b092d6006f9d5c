-- Contacts, conversations, messages, consent.

CREATE TABLE contacts (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    profile_name TEXT,
    username TEXT,
    phone TEXT,
    bsuid TEXT,
    language TEXT,
    labels TEXT NOT NULL,
    -- Names, username and phone in lower case, for finding.
    find_text TEXT NOT NULL,
    merged_into BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

CREATE INDEX contacts_latest ON contacts (org_id, created_at, id);
-- Looked through for a part of a name, without the rest of the rows. Not on PostgreSQL, whose indexes hold no long texts.
CREATE INDEX contacts_find ON contacts (org_id, find_text, id);
CREATE INDEX contacts_merged ON contacts (org_id, merged_into) WHERE merged_into IS NOT NULL;

-- The portfolio is part of what a BSUID means; a phone number has none ('').
CREATE TABLE contact_identities (
    org_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    portfolio TEXT NOT NULL,
    value TEXT NOT NULL,
    contact_id BLOB NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER
) STRICT;
CREATE UNIQUE INDEX contact_identities_current ON contact_identities (org_id, kind, portfolio, value) WHERE until IS NULL;
CREATE INDEX contact_identities_by_contact ON contact_identities (org_id, contact_id);

CREATE TABLE consent_events (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    purpose TEXT,
    action TEXT NOT NULL,
    source TEXT NOT NULL,
    evidence TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX consent_events_by_contact ON consent_events (org_id, contact_id, id);

CREATE TABLE conversations (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    number_id BLOB NOT NULL,
    status TEXT NOT NULL,
    assignee_id BLOB,
    ai TEXT NOT NULL,
    ai_reason TEXT,
    ai_changed_at INTEGER NOT NULL,
    last_inbound_at INTEGER,
    last_message_at INTEGER NOT NULL,
    last_message_id BLOB,
    preview TEXT NOT NULL,
    unread INTEGER NOT NULL,
    -- Out of sight until then; a new message of the contact brings it back at once.
    snoozed_until INTEGER,
    -- What this conversation is about; who the contact is stands with the contact.
    labels TEXT NOT NULL,
    attribution TEXT,
    merged_into BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT conversations_pair UNIQUE (org_id, contact_id, number_id)
) STRICT;
-- The number first: who looks for an id is not led here.
CREATE INDEX conversations_by_number ON conversations (number_id, org_id);
CREATE INDEX conversations_latest ON conversations (org_id, last_message_at, id);
CREATE INDEX conversations_labelled ON conversations (org_id, last_message_at, id) WHERE labels <> '[]';
-- Each view of the inbox in its order, however many conversations the others hold. Numbers of the views are counted in them.
CREATE INDEX conversations_open ON conversations (org_id, last_message_at, id)
    WHERE status = 'open' AND snoozed_until IS NULL AND merged_into IS NULL;
CREATE INDEX conversations_unassigned ON conversations (org_id, last_message_at, id)
    WHERE assignee_id IS NULL AND status = 'open' AND snoozed_until IS NULL AND merged_into IS NULL;
CREATE INDEX conversations_assigned ON conversations (org_id, assignee_id, last_message_at, id)
    WHERE assignee_id IS NOT NULL AND status = 'open' AND snoozed_until IS NULL AND merged_into IS NULL;
CREATE INDEX conversations_handed_off ON conversations (org_id, last_message_at, id)
    WHERE ai = 'handed_off' AND status = 'open' AND snoozed_until IS NULL AND merged_into IS NULL;
CREATE INDEX conversations_unread ON conversations (org_id, last_message_at, id)
    WHERE unread > 0 AND snoozed_until IS NULL AND merged_into IS NULL;
CREATE INDEX conversations_put_off ON conversations (org_id, last_message_at, id)
    WHERE snoozed_until IS NOT NULL AND status = 'open' AND merged_into IS NULL;
CREATE INDEX conversations_closed ON conversations (org_id, last_message_at, id)
    WHERE status = 'closed' AND merged_into IS NULL;
CREATE INDEX conversations_snoozed ON conversations (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX conversations_merged ON conversations (org_id, merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE messages (
    row_id INTEGER PRIMARY KEY AUTOINCREMENT,
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    number_id BLOB NOT NULL,
    direction TEXT NOT NULL,
    author TEXT NOT NULL,
    author_id BLOB,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    body TEXT NOT NULL,
    reply_to TEXT,
    reply_to_id BLOB,
    state TEXT NOT NULL,
    rank INTEGER NOT NULL,
    wamid TEXT,
    wamid_hash BLOB,
    at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    sent_at INTEGER,
    delivered_at INTEGER,
    read_at INTEGER,
    failed_at INTEGER,
    problem TEXT,
    pricing TEXT,
    decision TEXT,
    consent_event_id BLOB,
    client_ref TEXT
) STRICT;
CREATE UNIQUE INDEX messages_id ON messages (org_id, id);
CREATE INDEX messages_thread ON messages (org_id, conversation_id, at, id);
CREATE INDEX messages_wamid ON messages (org_id, wamid_hash) WHERE wamid_hash IS NOT NULL;
CREATE INDEX messages_unknown ON messages (changed_at) WHERE state = 'unknown';
CREATE INDEX messages_unresolved ON messages (org_id, changed_at, id) WHERE state = 'unresolved';

-- What members tell each other in a conversation; the contact never sees it.
CREATE TABLE notes (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    author_id BLOB,
    body TEXT NOT NULL,
    mentions TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    edited_at INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX notes_by_conversation ON notes (org_id, conversation_id, created_at, id);

-- Whom notes call, for finding the conversations in which one was called.
CREATE TABLE note_mentions (
    org_id BLOB NOT NULL,
    member_id BLOB NOT NULL,
    note_id BLOB NOT NULL,
    PRIMARY KEY (org_id, member_id, note_id)
) STRICT;
CREATE INDEX note_mentions_by_note ON note_mentions (org_id, note_id);

CREATE TABLE canned_replies (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    shortcut TEXT NOT NULL,
    body TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT canned_replies_shortcut UNIQUE (org_id, shortcut)
) STRICT;

-- A view without a member is everybody's.
CREATE TABLE inbox_views (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    member_id BLOB,
    name TEXT NOT NULL,
    filter TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

-- One row per time that a message was handed to Meta.
CREATE TABLE attempts (
    org_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    outcome TEXT,
    problem TEXT,
    PRIMARY KEY (org_id, message_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE media (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    direction TEXT NOT NULL,
    message_id BLOB,
    number_id BLOB,
    mime TEXT NOT NULL,
    file_name TEXT,
    size INTEGER,
    sha256 BLOB,
    state TEXT NOT NULL,
    problem TEXT,
    meta_media_id TEXT,
    meta_media_until INTEGER,
    meta_sha256 TEXT,
    created_at INTEGER NOT NULL,
    stored_at INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX media_by_message ON media (org_id, message_id);
CREATE INDEX media_by_hash ON media (org_id, sha256);
