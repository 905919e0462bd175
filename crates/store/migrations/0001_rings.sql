-- Rings, their keys, sealed secrets, access tokens and the audit log.
-- Instants are milliseconds since the epoch. Every row is under a MAC whose key is not in here.

-- "KTID": this file is a Keytide store.
PRAGMA application_id = 1263814980;

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- A destroyed ring stays as a tombstone, so that its epochs never come back.
CREATE TABLE rings (
    name         TEXT NOT NULL PRIMARY KEY,
    epoch        INTEGER NOT NULL CHECK (epoch > 0),
    revision     INTEGER NOT NULL CHECK (revision > 0),
    created_at   INTEGER NOT NULL,
    destroyed_at INTEGER,
    next_due     INTEGER,
    algorithm    TEXT,
    active       TEXT,
    policy       TEXT,
    memory       TEXT,
    keys_digest  BLOB,
    instances_digest BLOB,
    mac          BLOB NOT NULL,
    CHECK ((destroyed_at IS NULL) = (next_due IS NOT NULL)),
    CHECK ((destroyed_at IS NULL) = (algorithm IS NOT NULL)),
    CHECK ((destroyed_at IS NULL) = (active IS NOT NULL)),
    CHECK ((destroyed_at IS NULL) = (policy IS NOT NULL)),
    CHECK ((destroyed_at IS NULL) = (memory IS NOT NULL)),
    CHECK ((destroyed_at IS NULL) = (keys_digest IS NOT NULL)),
    CHECK ((destroyed_at IS NULL) = (instances_digest IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX rings_by_revision ON rings (revision);
CREATE INDEX rings_live ON rings (name) WHERE destroyed_at IS NULL;
CREATE INDEX rings_due ON rings (next_due, name) WHERE destroyed_at IS NULL;

CREATE TABLE keys (
    kid            TEXT NOT NULL PRIMARY KEY,
    ring           TEXT NOT NULL REFERENCES rings (name) DEFERRABLE INITIALLY DEFERRED,
    algorithm      TEXT NOT NULL,
    born           INTEGER NOT NULL,
    published_in   INTEGER NOT NULL,
    since          INTEGER NOT NULL,
    published_at   INTEGER NOT NULL,
    longest_ttl    INTEGER NOT NULL,
    public         TEXT,
    state          TEXT NOT NULL CHECK (state IN
        ('published', 'active', 'retiring', 'retired', 'destroyed', 'revoked')),
    activated_at   INTEGER,
    deactivated_at INTEGER,
    removed_at     INTEGER,
    revoked_at     INTEGER,
    exposed_until  INTEGER,
    destroyed_at   INTEGER,
    mac            BLOB NOT NULL
) STRICT;
CREATE INDEX keys_by_ring ON keys (ring);
CREATE UNIQUE INDEX keys_one_active ON keys (ring) WHERE state = 'active';
CREATE UNIQUE INDEX keys_one_published ON keys (ring) WHERE state = 'published';

-- Apart from `keys`, so that destroying a secret is deleting a row.
CREATE TABLE secrets (
    kid    TEXT NOT NULL PRIMARY KEY REFERENCES keys (kid) DEFERRABLE INITIALLY DEFERRED,
    sealed BLOB NOT NULL,
    -- A keyed hash of the secret: equal secrets collide, and nothing else is told of them.
    blind  BLOB NOT NULL UNIQUE
) STRICT;

-- Running instances of a ring's consumers: what each acknowledged, and its lease.
CREATE TABLE instances (
    ring     TEXT NOT NULL REFERENCES rings (name),
    consumer TEXT NOT NULL,
    instance TEXT NOT NULL,
    body     TEXT NOT NULL,
    mac      BLOB NOT NULL,
    PRIMARY KEY (ring, consumer, instance)
) STRICT, WITHOUT ROWID;

CREATE TABLE access (
    hash        BLOB NOT NULL PRIMARY KEY,
    subject     TEXT NOT NULL,
    permissions TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER,
    mac         BLOB NOT NULL
) STRICT;

CREATE TABLE audit (
    seq   INTEGER NOT NULL PRIMARY KEY,
    ring  TEXT,
    epoch INTEGER,
    body  TEXT NOT NULL,
    hash  BLOB NOT NULL,
    mac   BLOB NOT NULL
) STRICT;
CREATE INDEX audit_by_ring ON audit (ring, epoch) WHERE epoch IS NOT NULL;

-- Where the audit log ended at some time, signed with its own key.
CREATE TABLE audit_heads (
    seq       INTEGER NOT NULL PRIMARY KEY,
    hash      BLOB NOT NULL,
    at        INTEGER NOT NULL,
    signature BLOB NOT NULL
) STRICT;

-- Those who are told of a ring's changes: the whole record sealed.
CREATE TABLE webhooks (
    id     TEXT NOT NULL PRIMARY KEY,
    ring   TEXT NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
