-- Reaching contacts on other channels than WhatsApp.

-- Who carries what an organisation sends, one for each channel.
CREATE TABLE channels (
    org_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    provider TEXT NOT NULL,
    -- How the provider is reached, as JSON; nothing secret.
    settings TEXT NOT NULL,
    -- Password or token.
    sealed BLOB,
    -- What the provider said when it was last tried, where it refused.
    problem TEXT,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, channel)
) STRICT;

CREATE TABLE fallback_settings (
    org_id BLOB NOT NULL PRIMARY KEY,
    settings TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- A message to a contact on another channel: at most one for each intention and channel.
CREATE TABLE reaches (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    outreach_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    purpose TEXT NOT NULL,
    locale TEXT NOT NULL,
    -- Where it goes.
    address TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Why it failed, or waits.
    problem TEXT,
    -- How often it was handed over in vain.
    attempts INTEGER NOT NULL,
    -- Not before.
    due_at INTEGER NOT NULL,
    -- The provider's name for it.
    provider_ref TEXT,
    -- Until when its link works.
    expires_at INTEGER NOT NULL,
    -- When the contact agreed at the link.
    agreed_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT reaches_once UNIQUE (org_id, outreach_id, channel)
) STRICT;
CREATE INDEX reaches_by_contact ON reaches (org_id, contact_id);
CREATE INDEX reaches_by_address ON reaches (org_id, channel, address);
CREATE INDEX reaches_by_message ON reaches (org_id, message_id);
CREATE INDEX reaches_due ON reaches (org_id, channel, due_at) WHERE state IN ('queued', 'sending');
CREATE INDEX reaches_by_ref ON reaches (org_id, channel, provider_ref) WHERE provider_ref IS NOT NULL;
