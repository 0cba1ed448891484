-- Every key begins with the ledger, the unit of sharding; only the lists of ledgers and of keys do not.
-- No triggers, sequences or identity columns: rights keep the log append-only, and the append function numbers it.
-- Instants that dates mean are bigint microseconds since 1970-01-01T00:00Z; the least and greatest bigint are "unbounded".

CREATE TABLE tarih.ledgers (
    ledger text COLLATE "C" PRIMARY KEY,
    title text NOT NULL,
    public_read boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT ledger_is_a_slug CHECK (ledger ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND octet_length(ledger) <= 64)
);

-- One row a ledger; whoever appends locks it, and that alone gives the order.
CREATE TABLE tarih.heads (
    ledger text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL,
    recorded_at timestamptz,
    digest bytea NOT NULL,
    generation smallint NOT NULL,
    epoch uuid NOT NULL,
    system_identifier bigint NOT NULL,
    timeline integer NOT NULL,
    restored_from text,
    CONSTRAINT head_is_counted CHECK (position >= 0 AND (position = 0) = (recorded_at IS NULL)),
    CONSTRAINT digest_is_sha256 CHECK (octet_length(digest) = 32)
);

CREATE TABLE tarih.types (
    ledger text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    schema json NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (ledger, type),
    CONSTRAINT kind_is_known CHECK (kind IN ('occurrence', 'state'))
);

CREATE TABLE tarih.events (
    ledger text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    claim text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    type text COLLATE "C",
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL,
    content json NOT NULL,
    starts_earliest bigint,
    starts_latest bigint,
    ends_earliest bigint,
    ends_latest bigint,
    members bigint[],
    reported_earliest bigint,
    reported_latest bigint,
    revisions jsonb NOT NULL,
    PRIMARY KEY (ledger, position),
    CONSTRAINT event_ids_are_unique UNIQUE (ledger, event_id),
    CONSTRAINT position_is_counted CHECK (position > 0),
    CONSTRAINT action_is_known CHECK (
        action IN ('assert', 'correct', 'retract', 'reinstate', 'confirm', 'deny', 'expect', 'fulfil')
    ),
    CONSTRAINT content_has_type_and_bounds CHECK (
        (action IN ('assert', 'expect', 'correct'))
        = (num_nonnulls(type, starts_earliest, starts_latest, ends_earliest, ends_latest) = 5)
    ),
    CONSTRAINT bounds_are_in_order CHECK (starts_earliest <= starts_latest AND ends_earliest <= ends_latest),
    CONSTRAINT reported_is_in_order CHECK (
        (reported_earliest IS NULL) = (reported_latest IS NULL) AND reported_earliest <= reported_latest
    )
);
CREATE INDEX events_by_claim ON tarih.events (ledger, claim, position);

CREATE TABLE tarih.batches (
    ledger text COLLATE "C" NOT NULL,
    last_position bigint NOT NULL,
    first_position bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (ledger, last_position),
    CONSTRAINT batch_times_rise UNIQUE (ledger, recorded_at),
    CONSTRAINT batch_is_a_range CHECK (first_position > 0 AND first_position <= last_position)
);

-- Which events touch a relationship.
CREATE TABLE tarih.memberships (
    ledger text COLLATE "C" NOT NULL,
    relationship text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    position bigint NOT NULL,
    claim text COLLATE "C" NOT NULL,
    PRIMARY KEY (ledger, relationship, position),
    CONSTRAINT revision_is_counted CHECK (revision > 0)
);

CREATE TABLE tarih.parties (
    ledger text COLLATE "C" NOT NULL,
    actor text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    role text COLLATE "C" NOT NULL,
    PRIMARY KEY (ledger, actor, position, role)
);

-- What a request with an Idempotency-Key was answered, by the key of its caller; forgotten after a day.
CREATE TABLE tarih.idempotency (
    ledger text COLLATE "C" NOT NULL,
    caller text COLLATE "C" NOT NULL,
    idempotency_key text COLLATE "C" NOT NULL,
    -- SHA-256 of where it was sent and of its body.
    fingerprint bytea NOT NULL,
    positions bigint[] NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (ledger, caller, idempotency_key)
);

-- From here on derived: each row follows from the events, and can be made again from them.

CREATE TABLE tarih.relationships (
    ledger text COLLATE "C" NOT NULL,
    relationship text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    PRIMARY KEY (ledger, relationship)
);

-- Each claim as it stands at the head: what an append is checked against.
CREATE TABLE tarih.claims (
    ledger text COLLATE "C" NOT NULL,
    claim text COLLATE "C" NOT NULL,
    expectation boolean NOT NULL,
    -- The position of the retraction in force.
    retraction bigint,
    fulfilled_by text COLLATE "C",
    content_position bigint NOT NULL,
    -- The greatest reported day so far; with the position it ranks the content in force.
    rank_day bigint NOT NULL,
    -- publisher -> [confirm | deny, position]: the last word of each since that content.
    words jsonb NOT NULL,
    -- The relationships the content belongs to; without any, its actors.
    timelines text[] NOT NULL,
    -- The actor that an actor-merge gives up.
    merged text COLLATE "C",
    PRIMARY KEY (ledger, claim)
);
CREATE INDEX claims_that_merge ON tarih.claims (ledger, merged) WHERE merged IS NOT NULL;

-- Each claim as it stood from one position until another, where nothing is asked of the reported axis. One row per
-- timeline that it stands on; a retracted one stays where its last content put it.
CREATE TABLE tarih.claim_versions (
    ledger text COLLATE "C" NOT NULL,
    generation smallint NOT NULL,
    timeline text COLLATE "C" NOT NULL,
    claim text COLLATE "C" NOT NULL,
    from_position bigint NOT NULL,
    -- Exclusive; the greatest bigint while nothing has superseded it.
    to_position bigint NOT NULL,
    content_position bigint NOT NULL,
    type text COLLATE "C" NOT NULL,
    starts_earliest bigint NOT NULL,
    starts_latest bigint NOT NULL,
    ends_earliest bigint NOT NULL,
    ends_latest bigint NOT NULL,
    expectation boolean NOT NULL,
    retraction bigint,
    fulfilled_by text COLLATE "C",
    words jsonb NOT NULL,
    PRIMARY KEY (ledger, generation, claim, timeline, from_position),
    CONSTRAINT version_is_a_range CHECK (from_position < to_position)
);
CREATE INDEX claim_versions_on_a_timeline ON tarih.claim_versions (ledger, generation, timeline, to_position, from_position);

CREATE TABLE tarih.keys (
    key_id text COLLATE "C" PRIMARY KEY,
    hash bytea NOT NULL,
    label text NOT NULL,
    -- ledger, or * for every one -> the rights held there.
    scopes jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    CONSTRAINT key_hashes_are_unique UNIQUE (hash),
    CONSTRAINT hash_is_sha256 CHECK (octet_length(hash) = 32)
);
