-- Records a group of requests, each as one batch or not at all, in one call.
--
-- r_*  one entry a request:  by (the key that writes), scope (a relationship every event must touch, or null)
-- e_*  one entry an event, in order; request, event numbers elsewhere are 1-based ordinals of these arrays
--      id, claim, action, content (canonical JSON); for content-bearing actions type, the four bounds, members (array
--      literal), timelines (array literal), merged; reported_* (null: undated), late; named (fulfil: by which claim)
-- a_*  the parties of events;  w_*  the publishers of confirmations and denials
-- t_*  relationships an event touches by what the batch says;  p_*  claims whose relationships before the batch it touches
-- q_*  what a claim must be before the batch (service/domain/batches.py lists the demands)
-- x_*  expected revisions: a number, -1 "none", -2 "exists"
--
-- One row a request: recorded | repeated | refused | acceptable (dry run), with detail as JSON codes, never prose.
-- A refused request does not fail its neighbours. The caller closes a group before a request that shares an event id, a
-- claim or an expected relationship with one already in it, and puts an actor-merge into a group of its own.
CREATE FUNCTION tarih.append(
    p_ledger text,
    p_dry_run boolean,
    r_by text[],
    r_scope text[],
    e_request integer[],
    e_id text[],
    e_claim text[],
    e_action text[],
    e_content text[],
    e_type text[],
    e_starts_earliest bigint[],
    e_starts_latest bigint[],
    e_ends_earliest bigint[],
    e_ends_latest bigint[],
    e_members text[],
    e_timelines text[],
    e_merged text[],
    e_reported_earliest bigint[],
    e_reported_latest bigint[],
    e_late boolean[],
    e_named text[],
    a_event integer[],
    a_actor text[],
    a_role text[],
    w_event integer[],
    w_publisher text[],
    t_event integer[],
    t_relationship text[],
    p_event integer[],
    p_claim text[],
    q_event integer[],
    q_claim text[],
    q_demand text[],
    x_request integer[],
    x_relationship text[],
    x_revision bigint[]
)
RETURNS TABLE (
    request integer,
    outcome text,
    first_position bigint,
    last_position bigint,
    recorded_at timestamptz,
    digest bytea,
    detail jsonb
)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    unbounded_past CONSTANT bigint := -9223372036854775808;
    still_open CONSTANT bigint := 9223372036854775807;
    v_head bigint;
    v_last timestamptz;
    v_digest bytea;
    v_generation smallint;
    v_base timestamptz;
    v_base_us bigint;
    v_row record;
    r_outcome text[];
    r_detail jsonb[];
    r_ok boolean[];
    r_at timestamptz[];
    r_digest bytea[];
    r_first bigint[];
    r_last bigint[];
    e_position bigint[];
    k_event integer[];
    k_relationship text[];
    k_revision bigint[];
    c_claim text[];
    c_position bigint[];
BEGIN
    SELECT h.position, h.recorded_at, h.digest, h.generation INTO v_head, v_last, v_digest, v_generation
    FROM tarih.heads AS h WHERE h.ledger = p_ledger FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'TA404', MESSAGE = 'no such ledger';
    END IF;

    -- Ids come first: a retry is answered as the first time, whatever has happened since.
    SELECT
        array_agg(CASE WHEN s.known = 0 THEN NULL WHEN s.known = s.total AND s.same THEN 'repeated' ELSE 'refused' END
            ORDER BY s.request),
        array_agg(s.found ORDER BY s.request)
    INTO r_outcome, r_detail
    FROM (
        SELECT e.request, count(*) AS total, count(o.position) AS known, bool_and(o.content::text = e.content) AS same,
            jsonb_agg(jsonb_build_object('problem', 'id', 'event', e.i, 'position', o.position,
                'same', o.content::text = e.content) ORDER BY e.i) FILTER (WHERE o.position IS NOT NULL) AS found
        FROM unnest(e_request, e_id, e_content) WITH ORDINALITY AS e (request, id, content, i)
        LEFT JOIN tarih.events AS o ON o.ledger = p_ledger AND o.event_id = e.id
        GROUP BY e.request
    ) AS s;

    -- What each event touches: by what the batch says, and by what its claim belonged to before.
    SELECT coalesce(array_agg(s.event ORDER BY s.event, s.relationship), '{}'),
        coalesce(array_agg(s.relationship ORDER BY s.event, s.relationship), '{}')
    INTO k_event, k_relationship
    FROM (
        SELECT t.event, t.relationship COLLATE "C" AS relationship FROM unnest(t_event, t_relationship) AS t (event, relationship)
        UNION
        SELECT p.event, m.timeline
        FROM unnest(p_event, p_claim) AS p (event, claim)
        JOIN tarih.claims AS c ON c.ledger = p_ledger AND c.claim = p.claim
        CROSS JOIN LATERAL unnest(c.timelines) AS m (timeline)
        WHERE position('--' IN m.timeline) > 0
    ) AS s;

    FOR v_row IN
        SELECT s.request, jsonb_agg(s.problem ORDER BY s.rank, s.i) AS problems
        FROM (
            SELECT x.request, 1 AS rank, x.i, jsonb_build_object('problem', 'revision', 'relationship', x.relationship,
                'expected', x.revision, 'actual', coalesce(r.revision, 0)) AS problem
            FROM unnest(x_request, x_relationship, x_revision) WITH ORDINALITY AS x (request, relationship, revision, i)
            LEFT JOIN tarih.relationships AS r ON r.ledger = p_ledger AND r.relationship = x.relationship
            WHERE CASE x.revision
                WHEN -1 THEN coalesce(r.revision, 0) > 0
                WHEN -2 THEN coalesce(r.revision, 0) = 0
                ELSE coalesce(r.revision, 0) <> x.revision
            END
            UNION ALL
            SELECT e_request[q.event], 2, q.i, jsonb_build_object('problem', 'demand', 'requirement', q.i)
            FROM unnest(q_event, q_claim, q_demand) WITH ORDINALITY AS q (event, claim, demand, i)
            LEFT JOIN tarih.claims AS c ON c.ledger = p_ledger AND c.claim = q.claim
            WHERE CASE q.demand
                WHEN 'absent' THEN c.claim IS NOT NULL
                WHEN 'present' THEN c.claim IS NULL
                WHEN 'standing' THEN c.retraction IS NOT NULL
                WHEN 'retracted' THEN c.claim IS NOT NULL AND c.retraction IS NULL
                WHEN 'expectation' THEN NOT c.expectation
                WHEN 'fact' THEN c.expectation
                WHEN 'unfulfilled' THEN c.fulfilled_by IS NOT NULL
            END
            UNION ALL
            SELECT e_request[n.event], 3, n.event, jsonb_build_object('problem', 'merged', 'event', n.event,
                'actor', n.actor, 'claim', c.claim)
            FROM (
                SELECT a.event, a.actor FROM unnest(a_event, a_actor) AS a (event, actor)
                UNION
                SELECT t.event, m.actor FROM unnest(t_event, t_relationship) AS t (event, relationship)
                CROSS JOIN LATERAL unnest(string_to_array(t.relationship, '--')) AS m (actor)
            ) AS n
            JOIN tarih.claims AS c ON c.ledger = p_ledger AND c.merged = n.actor AND c.retraction IS NULL
            WHERE c.claim <> e_claim[n.event]
            UNION ALL
            SELECT e_request[g.event], 3, g.event, jsonb_build_object('problem', 'merge-within', 'event', g.event,
                'relationship', r.relationship)
            FROM (
                SELECT a.event, array_agg(a.actor) AS actors FROM unnest(a_event, a_actor) AS a (event, actor)
                WHERE e_merged[a.event] IS NOT NULL GROUP BY a.event
            ) AS g
            JOIN tarih.relationships AS r
                ON r.ledger = p_ledger AND string_to_array(r.relationship, '--') @> g.actors
            UNION ALL
            SELECT e.request, 4, e.i, jsonb_build_object('problem', 'outside', 'event', e.i)
            FROM unnest(e_request) WITH ORDINALITY AS e (request, i)
            WHERE r_scope[e.request] IS NOT NULL AND NOT EXISTS (
                SELECT FROM unnest(k_event, k_relationship) AS k (event, relationship)
                WHERE k.event = e.i AND k.relationship = r_scope[e.request]
            )
        ) AS s
        GROUP BY s.request
    LOOP
        IF r_outcome[v_row.request] IS NULL THEN
            r_outcome[v_row.request] := 'refused';
            r_detail[v_row.request] := v_row.problems;
        END IF;
    END LOOP;

    IF p_dry_run OR array_position(r_outcome, NULL) IS NULL THEN
        RETURN QUERY
        SELECT s.i::integer, coalesce(s.outcome, 'acceptable'), NULL::bigint, NULL::bigint, NULL::timestamptz, NULL::bytea, s.detail
        FROM unnest(r_outcome, r_detail) WITH ORDINALITY AS s (outcome, detail, i);
        RETURN;
    END IF;

    SELECT array_agg(s.outcome IS NULL ORDER BY s.i) INTO r_ok
    FROM unnest(r_outcome) WITH ORDINALITY AS s (outcome, i);
    SELECT array_agg(CASE WHEN s.ok THEN v_head + s.nth END ORDER BY s.i) INTO e_position
    FROM (
        SELECT e.i, r_ok[e.request] AS ok, count(*) FILTER (WHERE r_ok[e.request]) OVER (ORDER BY e.i) AS nth
        FROM unnest(e_request) WITH ORDINALITY AS e (request, i)
    ) AS s;

    -- The clock is read here, under the lock: whoever commits later is later.
    v_base := greatest(clock_timestamp(), v_last + interval '1 microsecond');
    v_base_us := (extract(epoch FROM v_base) * 1000000)::bigint;
    FOR v_row IN
        SELECT s.request, s.nth, min(s.position) AS first_position, max(s.position) AS last_position,
            string_agg(
                int8send(s.position) || int8send(v_base_us + s.nth - 1)
                || int4send(octet_length(s.id)) || convert_to(s.id, 'UTF8')
                || int4send(octet_length(s.content)) || convert_to(s.content, 'UTF8'),
                ''::bytea ORDER BY s.position
            ) AS payload
        FROM (
            SELECT e.request, e.id, e.content, e_position[e.i] AS position, dense_rank() OVER (ORDER BY e.request) AS nth
            FROM unnest(e_request, e_id, e_content) WITH ORDINALITY AS e (request, id, content, i)
            WHERE r_ok[e.request]
        ) AS s
        GROUP BY s.request, s.nth
        ORDER BY s.request
    LOOP
        v_last := v_base + (v_row.nth - 1) * interval '1 microsecond';
        v_digest := sha256(v_digest || v_row.payload);
        r_at[v_row.request] := v_last;
        r_digest[v_row.request] := v_digest;
        r_first[v_row.request] := v_row.first_position;
        r_last[v_row.request] := v_row.last_position;
    END LOOP;
    INSERT INTO tarih.batches (ledger, last_position, first_position, recorded_at, digest)
    SELECT p_ledger, b.last_position, b.first_position, b.recorded_at, b.digest
    FROM unnest(r_first, r_last, r_at, r_digest) AS b (first_position, last_position, recorded_at, digest)
    WHERE b.last_position IS NOT NULL;

    -- Revisions: each relationship counts the events that touch it.
    SELECT coalesce(array_agg(s.event ORDER BY s.event, s.relationship), '{}'),
        coalesce(array_agg(s.relationship ORDER BY s.event, s.relationship), '{}'),
        coalesce(array_agg(s.revision ORDER BY s.event, s.relationship), '{}')
    INTO k_event, k_relationship, k_revision
    FROM (
        SELECT k.event, k.relationship COLLATE "C" AS relationship,
            coalesce(r.revision, 0) + row_number() OVER (PARTITION BY k.relationship ORDER BY k.event) AS revision
        FROM unnest(k_event, k_relationship) AS k (event, relationship)
        LEFT JOIN tarih.relationships AS r ON r.ledger = p_ledger AND r.relationship = k.relationship
        WHERE e_position[k.event] IS NOT NULL
    ) AS s;

    INSERT INTO tarih.events (ledger, position, event_id, claim, action, type, recorded_at, recorded_by, content,
        starts_earliest, starts_latest, ends_earliest, ends_latest, members, reported_earliest, reported_latest, revisions)
    SELECT p_ledger, e_position[e.i], e.id, e.claim, e.action, e.type, r_at[e.request], r_by[e.request], e.content::json,
        e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, e.members::bigint[],
        e.reported_earliest, e.reported_latest, coalesce(k.revisions, '{}')
    FROM unnest(e_request, e_id, e_claim, e_action, e_content, e_type, e_starts_earliest, e_starts_latest, e_ends_earliest,
        e_ends_latest, e_members, e_reported_earliest, e_reported_latest) WITH ORDINALITY
        AS e (request, id, claim, action, content, type, starts_earliest, starts_latest, ends_earliest, ends_latest,
            members, reported_earliest, reported_latest, i)
    LEFT JOIN (
        SELECT k.event, jsonb_object_agg(k.relationship, k.revision) AS revisions
        FROM unnest(k_event, k_relationship, k_revision) AS k (event, relationship, revision)
        GROUP BY k.event
    ) AS k ON k.event = e.i
    WHERE r_ok[e.request];

    INSERT INTO tarih.memberships (ledger, relationship, revision, position, claim)
    SELECT p_ledger, k.relationship, k.revision, e_position[k.event], e_claim[k.event]
    FROM unnest(k_event, k_relationship, k_revision) AS k (event, relationship, revision);

    INSERT INTO tarih.relationships AS r (ledger, relationship, revision, first_position, last_position)
    SELECT p_ledger, k.relationship, max(k.revision), min(e_position[k.event]), max(e_position[k.event])
    FROM unnest(k_event, k_relationship, k_revision) AS k (event, relationship, revision)
    GROUP BY k.relationship
    ON CONFLICT (ledger, relationship) DO UPDATE
    SET revision = excluded.revision, last_position = excluded.last_position;

    INSERT INTO tarih.parties (ledger, actor, position, role)
    SELECT p_ledger, a.actor, e_position[a.event], a.role
    FROM unnest(a_event, a_actor, a_role) AS a (event, actor, role)
    WHERE e_position[a.event] IS NOT NULL;

    -- Claims as they stand now. A content's day is the greatest reported so far; a late one keeps its own, and loses to a
    -- greater one in force. Words count from the content in force on.
    WITH ev AS (
        SELECT e.claim, e.action, e.i, e.timelines, e.merged, e.late, e.named, coalesce(e.reported, unbounded_past) AS own
        FROM unnest(e_claim, e_action, e_timelines, e_merged, e_late, e_named, e_reported_latest) WITH ORDINALITY
            AS e (claim, action, timelines, merged, late, named, reported, i)
        WHERE e_position[e.i] IS NOT NULL
    ), best AS (
        SELECT DISTINCT ON (s.claim) s.claim, s.i, s.day, s.timelines, s.merged, s.day >= s.old_day AS won
        FROM (
            SELECT e.claim, e.i, e.timelines, e.merged, coalesce(o.rank_day, unbounded_past) AS old_day,
                CASE WHEN e.late THEN e.own ELSE greatest(coalesce(o.rank_day, unbounded_past),
                    max(e.own) OVER (PARTITION BY e.claim ORDER BY e.i)) END AS day
            FROM ev AS e
            LEFT JOIN tarih.claims AS o ON o.ledger = p_ledger AND o.claim = e.claim
            WHERE e.action IN ('assert', 'expect', 'correct')
        ) AS s
        ORDER BY s.claim, s.day DESC, s.i DESC
    ), said AS (
        SELECT e.claim, jsonb_object_agg(w.publisher, jsonb_build_array(e.action, e_position[e.i]) ORDER BY e.i) AS words
        FROM unnest(w_event, w_publisher) AS w (event, publisher)
        JOIN ev AS e ON e.i = w.event
        LEFT JOIN best AS b ON b.claim = e.claim AND b.won
        WHERE b.i IS NULL OR e.i > b.i
        GROUP BY e.claim
    ), done AS (
        SELECT e.claim, bool_or(e.action = 'expect') AS expectation,
            bool_or(e.action IN ('retract', 'reinstate')) AS moved,
            (array_agg(CASE e.action WHEN 'retract' THEN e_position[e.i] END ORDER BY e.i DESC)
                FILTER (WHERE e.action IN ('retract', 'reinstate')))[1] AS retraction,
            (array_agg(e.named ORDER BY e.i DESC) FILTER (WHERE e.action = 'fulfil'))[1] AS fulfilled_by
        FROM ev AS e
        GROUP BY e.claim
    )
    INSERT INTO tarih.claims AS c (ledger, claim, expectation, retraction, fulfilled_by, content_position, rank_day, words,
        timelines, merged)
    SELECT p_ledger, d.claim, coalesce(o.expectation, d.expectation), CASE WHEN d.moved THEN d.retraction ELSE o.retraction END,
        coalesce(d.fulfilled_by, o.fulfilled_by),
        CASE WHEN b.won THEN e_position[b.i] ELSE o.content_position END,
        CASE WHEN b.won THEN b.day ELSE o.rank_day END,
        CASE WHEN b.won THEN '{}' ELSE o.words END || coalesce(s.words, '{}'),
        CASE WHEN b.won THEN b.timelines::text[] ELSE o.timelines END,
        CASE WHEN b.won THEN b.merged ELSE o.merged END
    FROM done AS d
    LEFT JOIN tarih.claims AS o ON o.ledger = p_ledger AND o.claim = d.claim
    LEFT JOIN best AS b ON b.claim = d.claim
    LEFT JOIN said AS s ON s.claim = d.claim
    ON CONFLICT (ledger, claim) DO UPDATE
    SET retraction = excluded.retraction, fulfilled_by = excluded.fulfilled_by, content_position = excluded.content_position,
        rank_day = excluded.rank_day, words = excluded.words, timelines = excluded.timelines, merged = excluded.merged;

    -- Their versions: what was open ends where the claim was touched, and what stands now begins there.
    SELECT array_agg(s.claim ORDER BY s.claim), array_agg(s.position ORDER BY s.claim) INTO c_claim, c_position
    FROM (
        SELECT e.claim, max(e_position[e.i]) AS position
        FROM unnest(e_claim) WITH ORDINALITY AS e (claim, i)
        WHERE e_position[e.i] IS NOT NULL
        GROUP BY e.claim
    ) AS s;
    UPDATE tarih.claim_versions AS v SET to_position = n.position
    FROM unnest(c_claim, c_position) AS n (claim, position)
    WHERE v.ledger = p_ledger AND v.generation = v_generation AND v.claim = n.claim AND v.to_position = still_open;
    INSERT INTO tarih.claim_versions (ledger, generation, timeline, claim, from_position, to_position, content_position, type,
        starts_earliest, starts_latest, ends_earliest, ends_latest, expectation, retraction, fulfilled_by, words)
    SELECT p_ledger, v_generation, t.timeline, c.claim, n.position, still_open, c.content_position, e.type,
        e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, c.expectation, c.retraction,
        c.fulfilled_by, c.words
    FROM unnest(c_claim, c_position) AS n (claim, position)
    JOIN tarih.claims AS c ON c.ledger = p_ledger AND c.claim = n.claim
    JOIN tarih.events AS e ON e.ledger = p_ledger AND e.position = c.content_position
    CROSS JOIN LATERAL unnest(c.timelines) AS t (timeline);

    SELECT max(s.position) INTO v_head FROM unnest(e_position) AS s (position);
    UPDATE tarih.heads AS h SET position = v_head, recorded_at = v_last, digest = v_digest WHERE h.ledger = p_ledger;

    RETURN QUERY
    SELECT s.i::integer, coalesce(s.outcome, 'recorded'), r_first[s.i], r_last[s.i], r_at[s.i], r_digest[s.i],
        coalesce(s.detail, g.revisions, '{}')
    FROM unnest(r_outcome, r_detail) WITH ORDINALITY AS s (outcome, detail, i)
    LEFT JOIN (
        SELECT m.request, jsonb_object_agg(m.relationship, m.revision) AS revisions
        FROM (
            SELECT e_request[k.event] AS request, k.relationship, max(k.revision) AS revision
            FROM unnest(k_event, k_relationship, k_revision) AS k (event, relationship, revision)
            GROUP BY e_request[k.event], k.relationship
        ) AS m GROUP BY m.request
    ) AS g ON g.request = s.i;
END
$$;
