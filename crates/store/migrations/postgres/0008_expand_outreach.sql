-- Business-initiated intentions, what Meta lets us know of contacts and numbers, and where else contacts are reached.

ALTER TABLE contacts ADD COLUMN email TEXT;

-- When Meta said that the window is closed (131047), or that we have blocked this person (130403).
ALTER TABLE conversations ADD COLUMN window_denied_at BIGINT;
ALTER TABLE conversations ADD COLUMN blocked_at BIGINT;

-- When Meta held the number back because people blocked or reported it (131048).
ALTER TABLE numbers ADD COLUMN slowed_at BIGINT;

-- What Meta let us know of a contact, each thing once; a newer fact takes it away.
CREATE TABLE signals (
    org_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- How often in a row.
    times BIGINT NOT NULL,
    message_id uuid,
    PRIMARY KEY (org_id, contact_id, kind)
);

-- One row for each template to one contact, whether or not it went out.
CREATE TABLE outreach (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    number_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    message_id uuid,
    template_name TEXT NOT NULL,
    template_language TEXT NOT NULL,
    purpose TEXT NOT NULL,
    author TEXT NOT NULL,
    notification_id uuid,
    recipient_id uuid,
    -- The channels that the sender allows besides WhatsApp, in order.
    fallback TEXT NOT NULL,
    -- How the contact stood towards the purpose, and whether the window was open, when the gate was asked last.
    standing TEXT NOT NULL,
    window_open BOOLEAN NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT,
    -- The channel that it is on.
    channel TEXT NOT NULL,
    outcome TEXT NOT NULL,
    -- The code of what went wrong.
    trouble TEXT,
    outcome_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX outreach_latest ON outreach (org_id, at, id);
CREATE INDEX outreach_by_contact ON outreach (org_id, contact_id, at);
CREATE INDEX outreach_by_message ON outreach (org_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX outreach_by_notification ON outreach (org_id, notification_id, at, id) WHERE notification_id IS NOT NULL;
CREATE INDEX outreach_awaiting ON outreach (org_id, contact_id) WHERE outcome = 'awaiting_opt_in';

ALTER TABLE signals ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signals TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE outreach ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON outreach TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
