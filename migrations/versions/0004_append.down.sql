ALTER TABLE tarih.relationships RESET (fillfactor);
ALTER TABLE tarih.heads RESET (fillfactor);
-- Records a group of requests, each as one batch or not at all, in one call.
--
-- r_*  one entry a request:  by (the key that writes), scope (a relationship every event must touch, or null),
--      key and fingerprint (its Idempotency-Key and what it was sent with, or null)
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
DROP FUNCTION tarih.append;
CREATE FUNCTION tarih.append(
    p_ledger text,
    p_dry_run boolean,
    r_by text[],
    r_scope text[],
    r_key text[],
    r_fingerprint bytea[],
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
-- The plans are made when the tables may be all but empty; they must hold when the tables are not.
SET enable_seqscan = off
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
    v_ends jsonb;
    r_outcome text[];
    r_detail jsonb[];
    r_problems jsonb[] := array_fill(NULL::jsonb, ARRAY[cardinality(r_by)]);
    r_ok boolean[];
    r_at timestamptz[];
    r_digest bytea[];
    r_first bigint[];
    r_last bigint[];
    e_position bigint[];
    k_event integer[];
    k_relationship text[];
    k_revision bigint[];
    e_revisions jsonb[];
    c_claim text[];
BEGIN
    -- A small group is not worth planning anew; in a large one, how many there are decides the plan.
    PERFORM set_config('plan_cache_mode', CASE WHEN cardinality(e_id) > 1000 THEN 'force_custom_plan'
        ELSE 'force_generic_plan' END, true);
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
        LEFT JOIN LATERAL (
            -- A range and an order, so that no other index looks as good while the table has no statistics yet.
            SELECT o.position, o.content FROM tarih.events AS o
            WHERE o.ledger = p_ledger AND o.event_id BETWEEN e.id AND e.id ORDER BY o.event_id LIMIT 1
        ) AS o ON true
        GROUP BY e.request
    ) AS s;

    -- An Idempotency-Key that was answered gets that answer again; its twin in flight waited above for the lock.
    IF array_remove(r_key, NULL) <> '{}' THEN
        FOR v_row IN
            SELECT k.i, o.fingerprint = k.fingerprint AS same, o.positions
            FROM unnest(r_by, r_key, r_fingerprint) WITH ORDINALITY AS k (caller, key, fingerprint, i)
            CROSS JOIN LATERAL (
                SELECT o.fingerprint, o.positions FROM tarih.idempotency AS o
                WHERE o.ledger = p_ledger AND o.caller = k.caller AND o.idempotency_key = k.key LIMIT 1
            ) AS o
        LOOP
            r_outcome[v_row.i] := CASE WHEN v_row.same THEN 'repeated' ELSE 'refused' END;
            r_detail[v_row.i] := CASE WHEN v_row.same THEN jsonb_build_object('positions', v_row.positions)
                ELSE '[{"problem": "key"}]' END;
        END LOOP;
    END IF;

    -- What each event touches: by what the batch says, and by what its claim belonged to before.
    SELECT coalesce(array_agg(s.event ORDER BY s.event, s.relationship), '{}'),
        coalesce(array_agg(s.relationship ORDER BY s.event, s.relationship), '{}')
    INTO k_event, k_relationship
    FROM (
        SELECT t.event, t.relationship COLLATE "C" AS relationship FROM unnest(t_event, t_relationship) AS t (event, relationship)
        UNION
        SELECT p.event, m.timeline
        FROM unnest(p_event, p_claim) AS p (event, claim)
        CROSS JOIN LATERAL (
            SELECT c.timelines FROM tarih.claims AS c WHERE c.ledger = p_ledger AND c.claim = p.claim LIMIT 1
        ) AS c
        CROSS JOIN LATERAL unnest(c.timelines) AS m (timeline)
        WHERE position('--' IN m.timeline) > 0
    ) AS s;

    -- What stands against each request. A check that this group gives no cause for is left out: for a lone request, a
    -- statement's start costs more than its work.
    IF x_request <> '{}' THEN
        FOR v_row IN
            SELECT x.request, jsonb_build_object('problem', 'revision', 'relationship', x.relationship,
                'expected', x.revision, 'actual', coalesce(r.revision, 0)) AS problem
            FROM unnest(x_request, x_relationship, x_revision) WITH ORDINALITY AS x (request, relationship, revision, i)
            LEFT JOIN LATERAL (
                SELECT r.revision FROM tarih.relationships AS r
                WHERE r.ledger = p_ledger AND r.relationship = x.relationship LIMIT 1
            ) AS r ON true
            WHERE CASE x.revision
                WHEN -1 THEN coalesce(r.revision, 0) > 0
                WHEN -2 THEN coalesce(r.revision, 0) = 0
                ELSE coalesce(r.revision, 0) <> x.revision
            END
            ORDER BY x.i
        LOOP
            r_problems[v_row.request] := coalesce(r_problems[v_row.request], '[]') || v_row.problem;
        END LOOP;
    END IF;
    FOR v_row IN
        SELECT e_request[q.event] AS request, jsonb_build_object('problem', 'demand', 'requirement', q.i) AS problem
        FROM unnest(q_event, q_claim, q_demand) WITH ORDINALITY AS q (event, claim, demand, i)
        LEFT JOIN LATERAL (
            SELECT c.claim, c.retraction, c.expectation, c.fulfilled_by FROM tarih.claims AS c
            WHERE c.ledger = p_ledger AND c.claim = q.claim LIMIT 1
        ) AS c ON true
        WHERE CASE q.demand
            WHEN 'absent' THEN c.claim IS NOT NULL
            WHEN 'present' THEN c.claim IS NULL
            WHEN 'standing' THEN c.retraction IS NOT NULL
            WHEN 'retracted' THEN c.claim IS NOT NULL AND c.retraction IS NULL
            WHEN 'expectation' THEN NOT c.expectation
            WHEN 'fact' THEN c.expectation
            WHEN 'unfulfilled' THEN c.fulfilled_by IS NOT NULL
        END
        ORDER BY q.i
    LOOP
        r_problems[v_row.request] := coalesce(r_problems[v_row.request], '[]') || v_row.problem;
    END LOOP;
    IF EXISTS (SELECT FROM tarih.claims AS c WHERE c.ledger = p_ledger AND c.merged IS NOT NULL) THEN
        FOR v_row IN
            SELECT e_request[n.event] AS request, jsonb_build_object('problem', 'merged', 'event', n.event,
                'actor', n.actor, 'claim', c.claim) AS problem
            FROM (
                SELECT a.event, a.actor FROM unnest(a_event, a_actor) AS a (event, actor)
                UNION
                SELECT t.event, m.actor FROM unnest(t_event, t_relationship) AS t (event, relationship)
                CROSS JOIN LATERAL unnest(string_to_array(t.relationship, '--')) AS m (actor)
            ) AS n
            CROSS JOIN LATERAL (
                SELECT c.claim FROM tarih.claims AS c
                WHERE c.ledger = p_ledger AND c.merged = n.actor AND c.claim <> e_claim[n.event]
                    AND (c.retraction IS NULL OR EXISTS (
                        -- Or it is reinstated just before, in the same batch.
                        SELECT FROM unnest(e_request, e_claim, e_action) WITH ORDINALITY AS r (request, claim, action, i)
                        WHERE r.claim = c.claim AND r.action = 'reinstate' AND r.i < n.event
                            AND r.request = e_request[n.event]
                    ))
                LIMIT 1
            ) AS c
            ORDER BY n.event, n.actor
        LOOP
            r_problems[v_row.request] := coalesce(r_problems[v_row.request], '[]') || v_row.problem;
        END LOOP;
    END IF;
    IF array_remove(e_merged, NULL) <> '{}' THEN
        FOR v_row IN
            SELECT e_request[g.event] AS request, jsonb_build_object('problem', 'merge-within', 'event', g.event,
                'relationship', r.relationship) AS problem
            FROM (
                SELECT a.event, array_agg(a.actor) AS actors FROM unnest(a_event, a_actor) AS a (event, actor)
                WHERE e_merged[a.event] IS NOT NULL GROUP BY a.event
            ) AS g
            CROSS JOIN LATERAL (
                SELECT r.relationship FROM tarih.relationships AS r
                WHERE r.ledger = p_ledger AND string_to_array(r.relationship, '--') @> g.actors LIMIT 1
            ) AS r
            ORDER BY g.event
        LOOP
            r_problems[v_row.request] := coalesce(r_problems[v_row.request], '[]') || v_row.problem;
        END LOOP;
    END IF;
    IF array_remove(r_scope, NULL) <> '{}' THEN
        FOR v_row IN
            SELECT e_request[k.event] AS request, jsonb_build_object('problem', 'outside', 'event', k.event) AS problem
            FROM (
                SELECT e.i AS event, NULL AS relationship FROM unnest(e_request) WITH ORDINALITY AS e (request, i)
                WHERE r_scope[e.request] IS NOT NULL
                UNION ALL
                SELECT k.event, k.relationship FROM unnest(k_event, k_relationship) AS k (event, relationship)
                WHERE r_scope[e_request[k.event]] IS NOT NULL
            ) AS k
            GROUP BY k.event
            HAVING bool_or(k.relationship = r_scope[e_request[k.event]]) IS NOT TRUE
            ORDER BY k.event
        LOOP
            r_problems[v_row.request] := coalesce(r_problems[v_row.request], '[]') || v_row.problem;
        END LOOP;
    END IF;
    FOR i IN 1 .. cardinality(r_problems) LOOP
        IF r_outcome[i] IS NULL AND r_problems[i] IS NOT NULL THEN
            r_outcome[i] := 'refused';
            r_detail[i] := r_problems[i];
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
        v_head := v_row.last_position;
    END LOOP;
    INSERT INTO tarih.batches (ledger, last_position, first_position, recorded_at, digest)
    SELECT p_ledger, b.last_position, b.first_position, b.recorded_at, b.digest
    FROM unnest(r_first, r_last, r_at, r_digest) AS b (first_position, last_position, recorded_at, digest)
    WHERE b.last_position IS NOT NULL;

    -- Revisions: each relationship counts the events that touch it.
    SELECT coalesce(array_agg(s.event ORDER BY s.event, s.relationship), '{}'),
        coalesce(array_agg(s.relationship ORDER BY s.event, s.relationship), '{}'),
        coalesce(array_agg(s.base + s.nth ORDER BY s.event, s.relationship), '{}')
    INTO k_event, k_relationship, k_revision
    FROM (
        SELECT k.event, k.relationship COLLATE "C" AS relationship, coalesce(r.revision, 0) AS base,
            row_number() OVER (PARTITION BY k.relationship COLLATE "C" ORDER BY k.event) AS nth
        FROM unnest(k_event, k_relationship) AS k (event, relationship)
        LEFT JOIN LATERAL (
            SELECT r.revision FROM tarih.relationships AS r
            WHERE r.ledger = p_ledger AND r.relationship = k.relationship LIMIT 1
        ) AS r ON true
        WHERE e_position[k.event] IS NOT NULL
    ) AS s;
    SELECT array_agg(s.revisions ORDER BY s.event) INTO e_revisions
    FROM (
        SELECT k.event, coalesce(jsonb_object_agg(k.relationship, k.revision) FILTER (WHERE k.revision IS NOT NULL), '{}')
            AS revisions
        FROM (
            SELECT e.i::integer AS event, NULL::text AS relationship, NULL::bigint AS revision
            FROM unnest(e_request) WITH ORDINALITY AS e (request, i)
            UNION ALL
            SELECT k.event, k.relationship, k.revision
            FROM unnest(k_event, k_relationship, k_revision) AS k (event, relationship, revision)
        ) AS k
        GROUP BY k.event
    ) AS s;

    INSERT INTO tarih.events (ledger, position, event_id, claim, action, type, recorded_at, recorded_by, content,
        starts_earliest, starts_latest, ends_earliest, ends_latest, members, reported_earliest, reported_latest, revisions)
    SELECT p_ledger, e.position, e.id, e.claim, e.action, e.type, r_at[e.request], r_by[e.request], e.content::json,
        e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, e.members::bigint[],
        e.reported_earliest, e.reported_latest, e.revisions
    FROM unnest(e_request, e_position, e_id, e_claim, e_action, e_content, e_type, e_starts_earliest, e_starts_latest,
        e_ends_earliest, e_ends_latest, e_members, e_reported_earliest, e_reported_latest, e_revisions)
        AS e (request, position, id, claim, action, content, type, starts_earliest, starts_latest, ends_earliest, ends_latest,
            members, reported_earliest, reported_latest, revisions)
    WHERE e.position IS NOT NULL;

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

    -- New claims, as their first event left them.
    INSERT INTO tarih.claims (ledger, claim, expectation, content_position, rank_day, words, timelines, merged)
    SELECT p_ledger, e.claim, e.action = 'expect', e.position, coalesce(e.reported, unbounded_past), '{}',
        e.timelines::text[], e.merged
    FROM unnest(e_position, e_claim, e_action, e_reported_latest, e_timelines, e_merged)
        AS e (position, claim, action, reported, timelines, merged)
    WHERE e.position IS NOT NULL AND e.action IN ('assert', 'expect');
    INSERT INTO tarih.claim_versions (ledger, generation, timeline, claim, from_position, to_position, content_position, type,
        starts_earliest, starts_latest, ends_earliest, ends_latest, expectation, words)
    SELECT p_ledger, v_generation, t.timeline, e.claim, e.position, still_open, e.position, e.type,
        e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, e.action = 'expect', '{}'
    FROM unnest(e_position, e_claim, e_action, e_type, e_starts_earliest, e_starts_latest, e_ends_earliest, e_ends_latest,
        e_timelines) AS e (position, claim, action, type, starts_earliest, starts_latest, ends_earliest, ends_latest, timelines)
    CROSS JOIN LATERAL unnest(e.timelines::text[]) AS t (timeline)
    WHERE e.position IS NOT NULL AND e.action IN ('assert', 'expect');

    -- Claims acted on. A content's day is the greatest reported so far; a late one keeps its own, and loses to a greater
    -- one in force. Words count from the content in force on.
    IF array_remove(array_remove(e_action, 'assert'), 'expect') <> '{}' THEN
        SELECT array_agg(s.claim ORDER BY s.claim), jsonb_object_agg(s.claim, s.position) INTO c_claim, v_ends
        FROM (
            SELECT e.claim, max(e.position) AS position
            FROM unnest(e_position, e_claim, e_action) AS e (position, claim, action)
            WHERE e.position IS NOT NULL AND e.action NOT IN ('assert', 'expect')
            GROUP BY e.claim
        ) AS s;
        WITH ev AS (
            SELECT e.claim, e.action, e.i, e.position, e.timelines, e.merged, e.late, e.named,
                coalesce(e.reported, unbounded_past) AS own
            FROM unnest(e_position, e_claim, e_action, e_timelines, e_merged, e_late, e_named, e_reported_latest)
                WITH ORDINALITY AS e (position, claim, action, timelines, merged, late, named, reported, i)
            WHERE e.position IS NOT NULL AND e.action NOT IN ('assert', 'expect')
        ), best AS (
            SELECT DISTINCT ON (s.claim) s.claim, s.i, s.position, s.day, s.timelines, s.merged
            FROM (
                SELECT e.claim, e.i, e.position, e.timelines, e.merged, o.rank_day,
                    CASE WHEN e.late THEN e.own
                        ELSE greatest(o.rank_day, max(e.own) OVER (PARTITION BY e.claim ORDER BY e.i)) END AS day
                FROM ev AS e
                CROSS JOIN LATERAL (
                    SELECT c.rank_day FROM tarih.claims AS c WHERE c.ledger = p_ledger AND c.claim = e.claim LIMIT 1
                ) AS o
                WHERE e.action = 'correct'
            ) AS s
            WHERE s.day >= s.rank_day
            ORDER BY s.claim, s.day DESC, s.i DESC
        ), said AS (
            SELECT e.claim, jsonb_object_agg(w.publisher, jsonb_build_array(e.action, e.position) ORDER BY e.i) AS words
            FROM unnest(w_event, w_publisher) AS w (event, publisher)
            JOIN ev AS e ON e.i = w.event
            LEFT JOIN best AS b ON b.claim = e.claim
            WHERE b.i IS NULL OR e.i > b.i
            GROUP BY e.claim
        ), done AS (
            SELECT e.claim, bool_or(e.action IN ('retract', 'reinstate')) AS moved,
                (array_agg(CASE e.action WHEN 'retract' THEN e.position END ORDER BY e.i DESC)
                    FILTER (WHERE e.action IN ('retract', 'reinstate')))[1] AS retraction,
                (array_agg(e.named ORDER BY e.i DESC) FILTER (WHERE e.action = 'fulfil'))[1] AS fulfilled_by
            FROM ev AS e
            GROUP BY e.claim
        ), what AS (
            SELECT d.claim, d.moved, d.retraction, d.fulfilled_by, b.position, b.day, b.timelines::text[] AS timelines, b.merged,
                s.words
            FROM done AS d
            LEFT JOIN best AS b ON b.claim = d.claim
            LEFT JOIN said AS s ON s.claim = d.claim
        )
        INSERT INTO tarih.claims AS c (ledger, claim, expectation, retraction, fulfilled_by, content_position, rank_day,
            words, timelines, merged)
        SELECT p_ledger, w.claim, o.expectation, CASE WHEN w.moved THEN w.retraction ELSE o.retraction END,
            coalesce(w.fulfilled_by, o.fulfilled_by), coalesce(w.position, o.content_position), coalesce(w.day, o.rank_day),
            CASE WHEN w.position IS NULL THEN o.words ELSE '{}' END || coalesce(w.words, '{}'),
            coalesce(w.timelines, o.timelines), CASE WHEN w.position IS NULL THEN o.merged ELSE w.merged END
        FROM what AS w
        CROSS JOIN LATERAL (
            SELECT * FROM tarih.claims AS o WHERE o.ledger = p_ledger AND o.claim = w.claim LIMIT 1
        ) AS o
        ON CONFLICT (ledger, claim) DO UPDATE
        SET retraction = excluded.retraction, fulfilled_by = excluded.fulfilled_by,
            content_position = excluded.content_position, rank_day = excluded.rank_day, words = excluded.words,
            timelines = excluded.timelines, merged = excluded.merged;

        -- The version that was open ends there, and what stands now begins.
        UPDATE tarih.claim_versions AS v SET to_position = (v_ends ->> v.claim)::bigint
        WHERE v.ledger = p_ledger AND v.generation = v_generation AND v.claim = ANY (c_claim) AND v.to_position = still_open;
        INSERT INTO tarih.claim_versions (ledger, generation, timeline, claim, from_position, to_position, content_position,
            type, starts_earliest, starts_latest, ends_earliest, ends_latest, expectation, retraction, fulfilled_by, words)
        SELECT p_ledger, v_generation, t.timeline, c.claim, (v_ends ->> c.claim)::bigint, still_open, c.content_position,
            e.type, e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, c.expectation, c.retraction,
            c.fulfilled_by, c.words
        FROM tarih.claims AS c
        CROSS JOIN LATERAL (
            SELECT e.type, e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest FROM tarih.events AS e
            WHERE e.ledger = p_ledger AND e.position BETWEEN c.content_position AND c.content_position
            ORDER BY e.position LIMIT 1
        ) AS e
        CROSS JOIN LATERAL unnest(c.timelines) AS t (timeline)
        WHERE c.ledger = p_ledger AND c.claim = ANY (c_claim);
    END IF;

    IF array_remove(r_key, NULL) <> '{}' THEN
        INSERT INTO tarih.idempotency (ledger, caller, idempotency_key, fingerprint, positions, created_at)
        SELECT p_ledger, k.caller, k.key, k.fingerprint,
            (SELECT array_agg(s.position ORDER BY s.position) FROM generate_series(r_first[k.i], r_last[k.i]) AS s (position)),
            v_base
        FROM unnest(r_by, r_key, r_fingerprint) WITH ORDINALITY AS k (caller, key, fingerprint, i)
        WHERE k.key IS NOT NULL AND r_ok[k.i];
    END IF;

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
REVOKE ALL ON FUNCTION tarih.append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tarih.append TO tarih_service;
