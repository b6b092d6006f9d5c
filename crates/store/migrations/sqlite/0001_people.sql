-- People, organisations, and how both get in.

CREATE TABLE orgs (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    locale TEXT NOT NULL,
    country TEXT NOT NULL,
    timezone TEXT NOT NULL,
    status TEXT NOT NULL,
    operator_pays INTEGER NOT NULL,
    settings TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT orgs_slug UNIQUE (slug)
) STRICT;

CREATE TABLE people (
    id BLOB PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT,
    locale TEXT NOT NULL,
    is_operator INTEGER NOT NULL,
    totp_secret BLOB,
    totp_pending BLOB,
    totp_last_step INTEGER,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER,
    CONSTRAINT people_email UNIQUE (email)
) STRICT;

CREATE TABLE members (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    person_id BLOB NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    removed_at INTEGER,
    PRIMARY KEY (org_id, id),
    CONSTRAINT members_person UNIQUE (org_id, person_id)
) STRICT;
CREATE INDEX members_by_person ON members (person_id);

-- Browsers in which members want to be told of what waits for them. One browser is one member's in an organisation.
CREATE TABLE push_subscriptions (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    member_id BLOB NOT NULL,
    endpoint_hash BLOB NOT NULL,
    -- Its address at the browser's push service and its keys.
    sealed BLOB NOT NULL,
    user_agent TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT push_subscriptions_endpoint UNIQUE (org_id, endpoint_hash)
) STRICT;
CREATE INDEX push_subscriptions_by_member ON push_subscriptions (org_id, member_id);

CREATE TABLE member_invites (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    invited_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    accepted_at INTEGER,
    revoked_at INTEGER,
    PRIMARY KEY (org_id, id),
    CONSTRAINT member_invites_token UNIQUE (token_hash)
) STRICT;
CREATE INDEX member_invites_by_email ON member_invites (email);

CREATE TABLE sessions (
    id BLOB PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES people (id),
    token_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    CONSTRAINT sessions_token UNIQUE (token_hash)
) STRICT;
CREATE INDEX sessions_by_person ON sessions (person_id);

CREATE TABLE password_resets (
    token_hash BLOB PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES people (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

-- Each works once, for a person whose second factor is lost.
CREATE TABLE recovery_codes (
    person_id BLOB NOT NULL REFERENCES people (id),
    code_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (person_id, code_hash)
) STRICT;

-- Passkeys (WebAuthn). What `credential` holds is public: key, counter and flags.
CREATE TABLE passkeys (
    id BLOB PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES people (id),
    credential_id BLOB NOT NULL,
    credential TEXT NOT NULL,
    name TEXT NOT NULL,
    aaguid BLOB NOT NULL,
    backed_up INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    CONSTRAINT passkeys_credential UNIQUE (credential_id)
) STRICT;
CREATE INDEX passkeys_by_person ON passkeys (person_id, id);

-- OpenID Connect providers through which people sign in. `domains` are separated by spaces.
CREATE TABLE openid_providers (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    client_secret BLOB NOT NULL,
    domains TEXT NOT NULL,
    is_second_factor INTEGER NOT NULL,
    newcomers_org BLOB REFERENCES orgs (id),
    newcomers_role TEXT,
    created_at INTEGER NOT NULL
) STRICT;

-- What people are called at a provider. It stays when the provider goes, and counts again when the provider returns.
CREATE TABLE identities (
    id BLOB PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES people (id),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    email TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    CONSTRAINT identities_subject UNIQUE (issuer, subject)
) STRICT;
CREATE INDEX identities_by_person ON identities (person_id, id);

-- What was begun with a browser and is taken once, when it comes back. What it needs then is sealed.
CREATE TABLE ceremonies (
    token_hash BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    person_id BLOB REFERENCES people (id),
    state BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- A key without an organisation is an operator key.
CREATE TABLE api_keys (
    id BLOB PRIMARY KEY,
    org_id BLOB,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    scopes TEXT NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    expires_at INTEGER,
    revoked_at INTEGER,
    CONSTRAINT api_keys_secret UNIQUE (secret_hash)
) STRICT;
CREATE INDEX api_keys_by_org ON api_keys (org_id, id);

-- Failed attempts per hashed subject (an address, an account), for brute-force limits.
CREATE TABLE throttles (
    subject BLOB PRIMARY KEY,
    failures INTEGER NOT NULL,
    since INTEGER NOT NULL,
    blocked_until INTEGER
) STRICT;

-- Data keys, wrapped by a master key. The nil organisation is the operator's own.
CREATE TABLE data_keys (
    org_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    master_key_id TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, version)
) STRICT;

-- Keys that this installation made for itself: for signing states, authenticating echoes and the like.
CREATE TABLE operator_secrets (
    name TEXT PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT;
