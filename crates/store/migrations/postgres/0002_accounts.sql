-- Meta apps, connections, messaging accounts and numbers.

-- An app without an organisation is the operator's, shared by all.
CREATE TABLE meta_apps (
    id uuid PRIMARY KEY,
    org_id uuid,
    slug TEXT NOT NULL,
    meta_app_id TEXT NOT NULL,
    name TEXT NOT NULL,
    config_id TEXT,
    secret bytea NOT NULL,
    previous_secret bytea,
    previous_secret_until BIGINT,
    verify_token bytea NOT NULL,
    system_token bytea,
    settings TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT,
    CONSTRAINT meta_apps_slug UNIQUE (slug)
);

CREATE TABLE connect_invites (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    app_id uuid NOT NULL,
    mode TEXT NOT NULL,
    variant TEXT NOT NULL,
    note TEXT NOT NULL,
    maker TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    opened_at BIGINT,
    used_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (org_id, id),
    CONSTRAINT connect_invites_token UNIQUE (token_hash)
);

CREATE TABLE connections (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    app_id uuid NOT NULL,
    mode TEXT NOT NULL,
    entry TEXT NOT NULL,
    variant TEXT NOT NULL,
    state TEXT NOT NULL,
    started_by TEXT NOT NULL,
    invite_id uuid,
    waba_id TEXT,
    account_id uuid,
    hints TEXT NOT NULL,
    settings TEXT NOT NULL,
    token bytea,
    token_expires_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX connections_open ON connections (state, updated_at);
CREATE INDEX connections_latest ON connections (created_at, id);

CREATE TABLE connection_steps (
    org_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    step TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    result TEXT,
    proof TEXT,
    problem TEXT,
    started_at BIGINT,
    finished_at BIGINT,
    retry_at BIGINT,
    PRIMARY KEY (org_id, connection_id, step)
);

-- One attempt through the signup dialog: signed, single-use, bound to member and organisation.
CREATE TABLE signup_states (
    state_hash bytea PRIMARY KEY,
    org_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    actor TEXT NOT NULL,
    redirect_uri TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE accounts (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    app_id uuid NOT NULL,
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
    token bytea,
    token_state TEXT NOT NULL,
    token_expires_at BIGINT,
    checked_at BIGINT,
    looked_at BIGINT,
    line TEXT NOT NULL,
    subscribed_at BIGINT,
    facts TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    disconnected_at BIGINT,
    disconnect_reason TEXT,
    PRIMARY KEY (org_id, id)
);
-- A messaging account belongs to one organisation at a time.
CREATE UNIQUE INDEX accounts_bound ON accounts (app_id, waba_id) WHERE disconnected_at IS NULL;
CREATE UNIQUE INDEX accounts_waba ON accounts (org_id, waba_id);

CREATE TABLE numbers (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    account_id uuid NOT NULL,
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
    on_business_app BOOLEAN NOT NULL,
    pin bytea,
    register_attempts TEXT NOT NULL,
    registered_at BIGINT,
    heard_at BIGINT,
    profile TEXT NOT NULL,
    line TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    removed_at BIGINT,
    PRIMARY KEY (org_id, id),
    CONSTRAINT numbers_in_account UNIQUE (org_id, account_id, phone_number_id)
);
CREATE INDEX numbers_by_phone_number_id ON numbers (phone_number_id);

CREATE TABLE templates (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    meta_template_id TEXT NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    category TEXT NOT NULL,
    status TEXT NOT NULL,
    quality TEXT,
    parameter_format TEXT NOT NULL,
    components TEXT NOT NULL,
    rejected_reason TEXT,
    synced_at BIGINT NOT NULL,
    removed_at BIGINT,
    PRIMARY KEY (org_id, id),
    CONSTRAINT templates_name UNIQUE (org_id, account_id, name, language)
);
CREATE INDEX templates_by_meta_id ON templates (org_id, meta_template_id);

ALTER TABLE connect_invites ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON connect_invites TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE connections ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON connections TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE connection_steps ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON connection_steps TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON accounts TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE numbers ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON numbers TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE templates ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON templates TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
