-- Business-initiated intentions, what Meta lets us know of contacts and numbers, and where else contacts are reached.

ALTER TABLE contacts ADD COLUMN email TEXT;

-- When Meta said that the window is closed (131047), or that we have blocked this person (130403).
ALTER TABLE conversations ADD COLUMN window_denied_at INTEGER;
ALTER TABLE conversations ADD COLUMN blocked_at INTEGER;

-- When Meta held the number back because people blocked or reported it (131048).
ALTER TABLE numbers ADD COLUMN slowed_at INTEGER;

-- What Meta let us know of a contact, each thing once; a newer fact takes it away.
CREATE TABLE signals (
    org_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- How often in a row.
    times INTEGER NOT NULL,
    message_id BLOB,
    PRIMARY KEY (org_id, contact_id, kind)
) STRICT;

-- One row for each template to one contact, whether or not it went out.
CREATE TABLE outreach (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    number_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    message_id BLOB,
    template_name TEXT NOT NULL,
    template_language TEXT NOT NULL,
    purpose TEXT NOT NULL,
    author TEXT NOT NULL,
    notification_id BLOB,
    recipient_id BLOB,
    -- The channels that the sender allows besides WhatsApp, in order.
    fallback TEXT NOT NULL,
    -- How the contact stood towards the purpose, and whether the window was open, when the gate was asked last.
    standing TEXT NOT NULL,
    window_open INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT,
    -- The channel that it is on.
    channel TEXT NOT NULL,
    outcome TEXT NOT NULL,
    -- The code of what went wrong.
    trouble TEXT,
    outcome_at INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX outreach_latest ON outreach (org_id, at, id);
CREATE INDEX outreach_by_contact ON outreach (org_id, contact_id, at);
CREATE INDEX outreach_by_message ON outreach (org_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX outreach_by_notification ON outreach (org_id, notification_id, at, id) WHERE notification_id IS NOT NULL;
CREATE INDEX outreach_awaiting ON outreach (org_id, contact_id) WHERE outcome = 'awaiting_opt_in';
