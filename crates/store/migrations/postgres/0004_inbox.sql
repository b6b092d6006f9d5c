-- Contacts, conversations, messages, consent.

CREATE TABLE contacts (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    name TEXT NOT NULL,
    profile_name TEXT,
    username TEXT,
    phone TEXT,
    bsuid TEXT,
    language TEXT,
    labels TEXT NOT NULL,
    -- Names, username and phone in lower case, for finding.
    find_text TEXT NOT NULL,
    merged_into uuid,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

CREATE INDEX contacts_latest ON contacts (org_id, created_at, id);
CREATE INDEX contacts_merged ON contacts (org_id, merged_into) WHERE merged_into IS NOT NULL;

-- The portfolio is part of what a BSUID means; a phone number has none ('').
CREATE TABLE contact_identities (
    org_id uuid NOT NULL,
    kind TEXT NOT NULL,
    portfolio TEXT NOT NULL,
    value TEXT NOT NULL,
    contact_id uuid NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT
);
CREATE UNIQUE INDEX contact_identities_current ON contact_identities (org_id, kind, portfolio, value) WHERE until IS NULL;
CREATE INDEX contact_identities_by_contact ON contact_identities (org_id, contact_id);

CREATE TABLE consent_events (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    channel TEXT NOT NULL,
    purpose TEXT,
    action TEXT NOT NULL,
    source TEXT NOT NULL,
    evidence TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX consent_events_by_contact ON consent_events (org_id, contact_id, id);

CREATE TABLE conversations (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    number_id uuid NOT NULL,
    status TEXT NOT NULL,
    assignee_id uuid,
    ai TEXT NOT NULL,
    ai_reason TEXT,
    ai_changed_at BIGINT NOT NULL,
    last_inbound_at BIGINT,
    last_message_at BIGINT NOT NULL,
    last_message_id uuid,
    preview TEXT NOT NULL,
    unread BIGINT NOT NULL,
    -- Out of sight until then; a new message of the contact brings it back at once.
    snoozed_until BIGINT,
    -- What this conversation is about; who the contact is stands with the contact.
    labels TEXT NOT NULL,
    attribution TEXT,
    merged_into uuid,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT conversations_pair UNIQUE (org_id, contact_id, number_id)
);
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
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    number_id uuid NOT NULL,
    direction TEXT NOT NULL,
    author TEXT NOT NULL,
    author_id uuid,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    body TEXT NOT NULL,
    reply_to TEXT,
    reply_to_id uuid,
    state TEXT NOT NULL,
    rank BIGINT NOT NULL,
    wamid TEXT,
    wamid_hash bytea,
    at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    sent_at BIGINT,
    delivered_at BIGINT,
    read_at BIGINT,
    failed_at BIGINT,
    problem TEXT,
    pricing TEXT,
    decision TEXT,
    consent_event_id uuid,
    client_ref TEXT
);
CREATE UNIQUE INDEX messages_id ON messages (org_id, id);
CREATE INDEX messages_thread ON messages (org_id, conversation_id, at, id);
CREATE INDEX messages_wamid ON messages (org_id, wamid_hash) WHERE wamid_hash IS NOT NULL;
CREATE INDEX messages_unknown ON messages (changed_at) WHERE state = 'unknown';
CREATE INDEX messages_unresolved ON messages (org_id, changed_at, id) WHERE state = 'unresolved';

-- What members tell each other in a conversation; the contact never sees it.
CREATE TABLE notes (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    author_id uuid,
    body TEXT NOT NULL,
    mentions TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    edited_at BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX notes_by_conversation ON notes (org_id, conversation_id, created_at, id);

-- Whom notes call, for finding the conversations in which one was called.
CREATE TABLE note_mentions (
    org_id uuid NOT NULL,
    member_id uuid NOT NULL,
    note_id uuid NOT NULL,
    PRIMARY KEY (org_id, member_id, note_id)
);
CREATE INDEX note_mentions_by_note ON note_mentions (org_id, note_id);

CREATE TABLE canned_replies (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    shortcut TEXT NOT NULL,
    body TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT canned_replies_shortcut UNIQUE (org_id, shortcut)
);

-- A view without a member is everybody's.
CREATE TABLE inbox_views (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    member_id uuid,
    name TEXT NOT NULL,
    filter TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- One row per time that a message was handed to Meta.
CREATE TABLE attempts (
    org_id uuid NOT NULL,
    message_id uuid NOT NULL,
    n BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    outcome TEXT,
    problem TEXT,
    PRIMARY KEY (org_id, message_id, n)
);

CREATE TABLE media (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    direction TEXT NOT NULL,
    message_id uuid,
    number_id uuid,
    mime TEXT NOT NULL,
    file_name TEXT,
    size BIGINT,
    sha256 bytea,
    state TEXT NOT NULL,
    problem TEXT,
    meta_media_id TEXT,
    meta_media_until BIGINT,
    meta_sha256 TEXT,
    created_at BIGINT NOT NULL,
    stored_at BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX media_by_message ON media (org_id, message_id);
CREATE INDEX media_by_hash ON media (org_id, sha256);

ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON contacts TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE contact_identities ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON contact_identities TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE consent_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON consent_events TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE conversations ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON conversations TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON messages TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE attempts ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON attempts TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE media ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON media TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE note_mentions ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON note_mentions TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE canned_replies ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON canned_replies TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE inbox_views ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON inbox_views TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
