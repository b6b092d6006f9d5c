-- Meta apps, connections, messaging accounts and numbers.

-- An app without an organisation is the operator's, shared by all.
CREATE TABLE meta_apps (
    id BLOB PRIMARY KEY,
    org_id BLOB,
    slug TEXT NOT NULL,
    meta_app_id TEXT NOT NULL,
    name TEXT NOT NULL,
    config_id TEXT,
    secret BLOB NOT NULL,
    previous_secret BLOB,
    previous_secret_until INTEGER,
    verify_token BLOB NOT NULL,
    system_token BLOB,
    settings TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    retired_at INTEGER,
    CONSTRAINT meta_apps_slug UNIQUE (slug)
) STRICT;

CREATE TABLE connect_invites (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    token_hash BLOB NOT NULL,
    app_id BLOB NOT NULL,
    mode TEXT NOT NULL,
    variant TEXT NOT NULL,
    note TEXT NOT NULL,
    maker TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    opened_at INTEGER,
    used_at INTEGER,
    revoked_at INTEGER,
    PRIMARY KEY (org_id, id),
    CONSTRAINT connect_invites_token UNIQUE (token_hash)
) STRICT;

CREATE TABLE connections (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    app_id BLOB NOT NULL,
    mode TEXT NOT NULL,
    entry TEXT NOT NULL,
    variant TEXT NOT NULL,
    state TEXT NOT NULL,
    started_by TEXT NOT NULL,
    invite_id BLOB,
    waba_id TEXT,
    account_id BLOB,
    hints TEXT NOT NULL,
    settings TEXT NOT NULL,
    token BLOB,
    token_expires_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    finished_at INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX connections_open ON connections (state, updated_at);
CREATE INDEX connections_latest ON connections (created_at, id);

CREATE TABLE connection_steps (
    org_id BLOB NOT NULL,
    connection_id BLOB NOT NULL,
    step TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    result TEXT,
    proof TEXT,
    problem TEXT,
    started_at INTEGER,
    finished_at INTEGER,
    retry_at INTEGER,
    PRIMARY KEY (org_id, connection_id, step)
) STRICT;

-- One attempt through the signup dialog: signed, single-use, bound to member and organisation.
CREATE TABLE signup_states (
    state_hash BLOB PRIMARY KEY,
    org_id BLOB NOT NULL,
    connection_id BLOB NOT NULL,
    actor TEXT NOT NULL,
    redirect_uri TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE TABLE accounts (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    app_id BLOB NOT NULL,
    waba_id TEXT NOT NULL,
    mode TEXT NOT NULL,
    name TEXT NOT NULL,
    currency TEXT,
    status TEXT,
    review_status TEXT,
    owner_business_id TEXT,
    owner_business_name TEXT,
    funding_id TEXT,
    allocation_id TEXT,
    token BLOB,
    token_state TEXT NOT NULL,
    token_expires_at INTEGER,
    checked_at INTEGER,
    looked_at INTEGER,
    line TEXT NOT NULL,
    subscribed_at INTEGER,
    facts TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    disconnected_at INTEGER,
    disconnect_reason TEXT,
    PRIMARY KEY (org_id, id)
) STRICT;
-- A messaging account belongs to one organisation at a time.
CREATE UNIQUE INDEX accounts_bound ON accounts (app_id, waba_id) WHERE disconnected_at IS NULL;
CREATE UNIQUE INDEX accounts_waba ON accounts (org_id, waba_id);

CREATE TABLE numbers (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    phone_number_id TEXT NOT NULL,
    digits TEXT NOT NULL,
    display TEXT NOT NULL,
    verified_name TEXT,
    status TEXT,
    name_status TEXT,
    quality TEXT,
    platform_type TEXT,
    throughput TEXT,
    messaging_limit TEXT,
    code_verification TEXT,
    on_business_app INTEGER NOT NULL,
    pin BLOB,
    register_attempts TEXT NOT NULL,
    registered_at INTEGER,
    heard_at INTEGER,
    profile TEXT NOT NULL,
    line TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    removed_at INTEGER,
    PRIMARY KEY (org_id, id),
    CONSTRAINT numbers_in_account UNIQUE (org_id, account_id, phone_number_id)
) STRICT;
CREATE INDEX numbers_by_phone_number_id ON numbers (phone_number_id);

CREATE TABLE templates (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    meta_template_id TEXT NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    category TEXT NOT NULL,
    status TEXT NOT NULL,
    quality TEXT,
    parameter_format TEXT NOT NULL,
    components TEXT NOT NULL,
    rejected_reason TEXT,
    synced_at INTEGER NOT NULL,
    removed_at INTEGER,
    PRIMARY KEY (org_id, id),
    CONSTRAINT templates_name UNIQUE (org_id, account_id, name, language)
) STRICT;
CREATE INDEX templates_by_meta_id ON templates (org_id, meta_template_id);
