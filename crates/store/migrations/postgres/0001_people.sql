-- People, organisations, and how both get in.

CREATE TABLE orgs (
    id uuid PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    locale TEXT NOT NULL,
    country TEXT NOT NULL,
    timezone TEXT NOT NULL,
    status TEXT NOT NULL,
    operator_pays BOOLEAN NOT NULL,
    settings TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT orgs_slug UNIQUE (slug)
);

CREATE TABLE people (
    id uuid PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT,
    locale TEXT NOT NULL,
    is_operator BOOLEAN NOT NULL,
    totp_secret bytea,
    totp_pending bytea,
    totp_last_step BIGINT,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT,
    CONSTRAINT people_email UNIQUE (email)
);

CREATE TABLE members (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    removed_at BIGINT,
    PRIMARY KEY (org_id, id),
    CONSTRAINT members_person UNIQUE (org_id, person_id)
);
CREATE INDEX members_by_person ON members (person_id);

-- Browsers in which members want to be told of what waits for them. One browser is one member's in an organisation.
CREATE TABLE push_subscriptions (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    member_id uuid NOT NULL,
    endpoint_hash bytea NOT NULL,
    -- Its address at the browser's push service and its keys.
    sealed bytea NOT NULL,
    user_agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT push_subscriptions_endpoint UNIQUE (org_id, endpoint_hash)
);
CREATE INDEX push_subscriptions_by_member ON push_subscriptions (org_id, member_id);

CREATE TABLE member_invites (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    token_hash bytea NOT NULL,
    invited_by uuid NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (org_id, id),
    CONSTRAINT member_invites_token UNIQUE (token_hash)
);
CREATE INDEX member_invites_by_email ON member_invites (email);

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people (id),
    token_hash bytea NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    CONSTRAINT sessions_token UNIQUE (token_hash)
);
CREATE INDEX sessions_by_person ON sessions (person_id);

CREATE TABLE password_resets (
    token_hash bytea PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

-- Each works once, for a person whose second factor is lost.
CREATE TABLE recovery_codes (
    person_id uuid NOT NULL REFERENCES people (id),
    code_hash bytea NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (person_id, code_hash)
);

-- Passkeys (WebAuthn). What `credential` holds is public: key, counter and flags.
CREATE TABLE passkeys (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people (id),
    credential_id bytea NOT NULL,
    credential TEXT NOT NULL,
    name TEXT NOT NULL,
    aaguid uuid NOT NULL,
    backed_up BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    CONSTRAINT passkeys_credential UNIQUE (credential_id)
);
CREATE INDEX passkeys_by_person ON passkeys (person_id, id);

-- OpenID Connect providers through which people sign in. `domains` are separated by spaces.
CREATE TABLE openid_providers (
    id uuid PRIMARY KEY,
    name TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    client_secret bytea NOT NULL,
    domains TEXT NOT NULL,
    is_second_factor BOOLEAN NOT NULL,
    newcomers_org uuid REFERENCES orgs (id),
    newcomers_role TEXT,
    created_at BIGINT NOT NULL
);

-- What people are called at a provider. It stays when the provider goes, and counts again when the provider returns.
CREATE TABLE identities (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people (id),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    email TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    CONSTRAINT identities_subject UNIQUE (issuer, subject)
);
CREATE INDEX identities_by_person ON identities (person_id, id);

-- What was begun with a browser and is taken once, when it comes back. What it needs then is sealed.
CREATE TABLE ceremonies (
    token_hash bytea PRIMARY KEY,
    kind TEXT NOT NULL,
    person_id uuid REFERENCES people (id),
    state bytea NOT NULL,
    expires_at BIGINT NOT NULL
);

-- A key without an organisation is an operator key.
CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    org_id uuid,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    secret_hash bytea NOT NULL,
    scopes TEXT NOT NULL,
    created_by uuid,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    expires_at BIGINT,
    revoked_at BIGINT,
    CONSTRAINT api_keys_secret UNIQUE (secret_hash)
);
CREATE INDEX api_keys_by_org ON api_keys (org_id, id);

-- Failed attempts per hashed subject (an address, an account), for brute-force limits.
CREATE TABLE throttles (
    subject bytea PRIMARY KEY,
    failures BIGINT NOT NULL,
    since BIGINT NOT NULL,
    blocked_until BIGINT
);

-- Data keys, wrapped by a master key. The nil organisation is the operator's own.
CREATE TABLE data_keys (
    org_id uuid NOT NULL,
    version BIGINT NOT NULL,
    master_key_id TEXT NOT NULL,
    wrapped bytea NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, version)
);

-- Keys that this installation made for itself: for signing states, authenticating echoes and the like.
CREATE TABLE operator_secrets (
    name TEXT PRIMARY KEY,
    sealed bytea NOT NULL
);

-- The second wall: tenant transactions run as this role, which owns nothing and sees only the organisations
-- that the transaction has named. Create it beforehand where the database user may not create roles.
DO $$ BEGIN
    CREATE ROLE sapa_tenant NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
    EXECUTE format('GRANT sapa_tenant TO %I', current_user);
EXCEPTION WHEN OTHERS THEN NULL; -- already a member, or a superuser
END $$;
DO $$ BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO sapa_tenant', current_schema());
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO sapa_tenant', current_schema());
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO sapa_tenant', current_schema());
END $$;

-- The organisations that this transaction works for.
--
-- The policies ask for them once in a statement, hence the SELECT, and as a search through an array, of which the planner
-- takes it that nearly every row passes: every statement names its organisation itself, and two conditions on one column
-- would be reckoned as if each left out its share of the rows.
CREATE FUNCTION current_orgs() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('sapa.orgs', true), '')::uuid[] $$;

ALTER TABLE members ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON members TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE push_subscriptions ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON push_subscriptions TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE member_invites ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON member_invites TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
